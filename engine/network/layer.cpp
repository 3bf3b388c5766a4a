#include "engine/network/layer.hpp"

#include <algorithm>
#include <stdexcept>

#include "kernels/activation.hpp"
#include "kernels/class_logit.hpp"
#include "kernels/columns.hpp"
#include "kernels/condition_gradient.hpp"
#include "kernels/dropout.hpp"
#include "kernels/gumbel_noise.hpp"
#include "kernels/norm.hpp"
#include "kernels/record_heads.hpp"
#include "kernels/resample.hpp"

namespace agon {
namespace {

/// Of `from` the columns from `first_from` on, into those of `to` from `first_to` on, or added to them.
void move_columns(Program& program, Rows from, std::int64_t first_from, Rows to, std::int64_t first_to,
                  bool add) {
  program.add<kernels::columns>({.rows = from.count,
                                 .width = std::min(from.columns - first_from, to.columns - first_to),
                                 .from = from.data,
                                 .from_width = from.columns,
                                 .first_from = first_from,
                                 .to = to.data,
                                 .to_width = to.columns,
                                 .first_to = first_to,
                                 .adds = add});
}

/// Of a network's own scores.
void add_cross_entropy(Program& program, const AskedLevels& asked, Rows scores, Rows dscores) {
  program.add<kernels::condition_gradient>({.rows = scores.count,
                                            .width = scores.columns,
                                            .shape = asked.shape,
                                            .chosen = asked.chosen,
                                            .scores = scores.data,
                                            .dscores = dscores.data,
                                            .scale = asked.scale});
}

}  // namespace

FlatParameters FlatParameters::moved(std::int64_t bytes) const {
  FlatParameters other = *this;
  for (float** buffer : {&other.value, &other.gradient, &other.moment1, &other.moment2, &other.average,
                         &other.normalised, &other.singular, &other.spectral, &other.running, &other.no_bias})
    if (*buffer != nullptr) *buffer += bytes / static_cast<std::int64_t>(sizeof(float));
  if (records != nullptr) other.records += bytes / static_cast<std::int64_t>(sizeof(std::int32_t));
  return other;
}

std::int64_t Norm::group_of(const Recording& r, Rows pixel_rows) const {
  const bool some = kind == NormKind::batch && r.sweep.group > 0;
  return some ? r.sweep.group * pixels : pixel_rows.count;
}

Passed Norm::forward(const Recording& r, Rows rows) const {
  const bool batch = kind == NormKind::batch, training = r.sweep.mode == Mode::training;
  const Rows x = rows.split(pixels);
  const std::int64_t group = group_of(r, x);
  Passed passed{rows, r.rows(rows.count, rows.columns, name + " output")};
  const bool apart = training && keeps_input;
  if (training) passed.normalised = apart ? r.rows(rows.count, rows.columns, name + " normalised") : rows;
  if (training)
    passed.inverse_deviation = r.program.floats(batch ? x.count / group * x.columns : x.count,
                                                {name + " inverse deviation", batch ? x.columns : pixels});
  const auto running = [&](std::int64_t offset) { return batch ? r.flat.running + offset : nullptr; };
  r.program.add<kernels::norm_forward>({.kind = kind,
                                        .rows = x.count,
                                        .width = x.columns,
                                        .group = group,
                                        .x = x.data,
                                        .normalised = {apart ? passed.normalised.data : nullptr},
                                        .gamma = r.flat.value + gamma,
                                        .beta = r.flat.value + beta,
                                        .y = passed.y.data,
                                        .inverse_deviation = passed.inverse_deviation,
                                        .running_mean = running(running_mean),
                                        .running_variance = running(running_variance)});
  return passed;
}

/// A batch after the other.
Rows Norm::backward(const Recording& r, const Passed& passed, Rows rows, const Gradients& wanted) const {
  const bool batch = kind == NormKind::batch;
  const Rows dy = rows.split(pixels), normalised = passed.normalised.split(pixels);
  const std::int64_t group = group_of(r, dy);
  for (std::int64_t first = 0; first < dy.count; first += group) {
    const Rows gradient = dy.part(first, group);
    kernels::NormBackward op{
        .kind = kind,
        .rows = group,
        .width = dy.columns,
        .normalised = normalised.part(first, group).data,
        .gamma = r.flat.value + gamma,
        .inverse_deviation = passed.inverse_deviation + (batch ? first / group * dy.columns : first),
        .gradient = gradient.data,
        .dgamma = r.flat.gradient + gamma,
        .dbeta = r.flat.gradient + beta,
        .accumulate = wanted.accumulate || first > 0};
    if (!wanted.parameters) {  // what nobody asked for goes where nobody looks
      op.dgamma = r.program.floats(dy.columns, {name + " unused gradient"});
      op.dbeta = r.program.floats(dy.columns, {name + " unused gradient"});
      op.accumulate = false;
    }
    r.program.add<kernels::norm_backward>(op);
  }
  return rows;
}

Rows Norm::tangent(const Recording&, const Passed&, Rows) const {
  throw std::logic_error(name + ": a norm is not piecewise linear, and has no tangent here");
}

Passed Activation::forward(const Recording& r, Rows x) const {
  r.program.add<kernels::activation>({.n = x.size(), .y = x.data, .kind = kind, .slope = slope});
  return {x, x};
}

Rows Activation::backward(const Recording& r, const Passed& passed, Rows dy, const Gradients&) const {
  r.program.add<kernels::activation_backward>(
      {.n = dy.size(), .y = passed.y.data, .gradient = dy.data, .kind = kind, .slope = slope});
  return dy;
}

/// A derivative that does not depend on x is all there is to a tangent.
Rows Activation::tangent(const Recording& r, const Passed& passed, Rows dx) const {
  return backward(r, passed, dx, {});
}

Passed Dropout::forward(const Recording& r, Rows x) const {
  return {x, r.sweep.mode == Mode::training ? backward(r, {}, x, {}) : x};
}

Rows Dropout::tangent(const Recording& r, const Passed&, Rows dx) const { return backward(r, {}, dx, {}); }

Rows Dropout::backward(const Recording& r, const Passed&, Rows dy, const Gradients&) const {
  if (r.sweep.mode == Mode::evaluation) return dy;  // nothing was dropped
  const RowNumbers& numbers = r.sweep.numbers;
  r.program.add<kernels::dropout>({.rows = dy.count,
                                   .width = width,
                                   .segment = numbers.segment,
                                   .segment_stride = numbers.segment_stride,
                                   .first_row = numbers.first,
                                   .first_block = first_quad * numbers.of_step,
                                   .probability = static_cast<float>(probability),
                                   .x = dy.data,
                                   .random = numbers.random});
  return dy;
}

Passed Skip::forward(const Recording& r, Rows x) const {
  const Rows skipped = r.earlier[from].x;
  if (kind == Residual::pre_activation) {
    move_columns(r.program, skipped, 0, x, 0, true);
    return {x, x};
  }
  const bool beside = kind == Residual::concat;
  const Rows y = r.rows(x.count, x.columns + (beside ? skipped.columns : 0), name + " block");
  move_columns(r.program, x, 0, y, 0, false);
  move_columns(r.program, skipped, 0, y, beside ? x.columns : 0, !beside);
  return {x, y};
}

Rows Skip::tangent(const Recording& r, const Passed&, Rows dx) const { return forward(r, dx).y; }

Rows Skip::backward(const Recording& r, const Passed& passed, Rows dy, const Gradients&) const {
  if (kind == Residual::pre_activation) return dy;
  const Rows dx = r.rows(dy.count, passed.x.columns, name + " delta");
  move_columns(r.program, dy, 0, dx, 0, false);
  return dx;
}

void Skip::add_skipped(const Recording& r, const Passed& passed, Rows dy, Rows dx) const {
  move_columns(r.program, dy, kind == Residual::concat ? passed.x.columns : 0, dx, 0, true);
}

namespace {

Rows resampled(const Recording& r, Rows x, kernels::Resample op, const std::string& name) {
  op.batch = x.count;
  const Rows y = r.rows(x.count, op.out().size(), name);
  op.x = x.data;
  op.y = y.data;
  r.program.add<kernels::resample>(op);
  return y;
}

}  // namespace

Passed Resampling::forward(const Recording& r, Rows x) const {
  return {x, resampled(r, x, {.coarse = coarse, .up = up}, name + " resampled")};
}

Rows Resampling::backward(const Recording& r, const Passed&, Rows dy, const Gradients&) const {
  return resampled(r, dy, {.coarse = coarse, .up = !up, .scale = up ? 4.0f : 0.25f},
                   name + " resampled delta");
}

Rows Resampling::tangent(const Recording& r, const Passed&, Rows dx) const { return forward(r, dx).y; }

Passed ClassChoice::forward(const Recording& r, Rows x) const {
  const Rows y = r.into != nullptr ? Rows{r.into, x.count, 1} : r.rows(x.count, 1, name + " logits");
  r.program.add<kernels::class_logit>({.rows = x.count,
                                       .classes = classes,
                                       .segment = r.sweep.numbers.segment,
                                       .chosen = r.sweep.classes,
                                       .scores = x.data,
                                       .logits = y.data});
  return {x, y};
}

Rows ClassChoice::backward(const Recording& r, const Passed&, Rows dy, const Gradients&) const {
  const Rows dx = r.rows(dy.count, 1 + classes, name + " score delta");
  r.program.add<kernels::class_logit_backward>({.rows = dy.count,
                                                .classes = classes,
                                                .segment = r.sweep.numbers.segment,
                                                .chosen = r.sweep.classes,
                                                .dlogits = dy.data,
                                                .dscores = dx.data});
  return dx;
}

Rows ClassChoice::tangent(const Recording& r, const Passed&, Rows dx) const { return forward(r, dx).y; }

/// While training other numbers than when sampling.
Passed HeadNoise::forward(const Recording& r, Rows x) const {
  const Rows y = r.into != nullptr ? Rows{r.into, x.count, x.columns}
                                   : r.rows(x.count, x.columns, name + " noisy scores");
  const RowNumbers& numbers = r.sweep.numbers;
  kernels::RandomStream random = numbers.random;
  random.purpose = r.sweep.mode == Mode::training ? kernels::RandomPurpose::head_noise
                                                  : kernels::RandomPurpose::sampling_head_noise;
  r.program.add<kernels::gumbel_noise>({.rows = x.count,
                                        .width = x.columns,
                                        .levels = levels,
                                        .segment = numbers.segment,
                                        .segment_stride = numbers.segment_stride,
                                        .first_row = numbers.first,
                                        .x = x.data,
                                        .y = y.data,
                                        .random = random});
  return {x, y};
}

Rows HeadNoise::backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const {
  if (wanted.asked != nullptr) add_cross_entropy(r.program, *wanted.asked, passed.x, dy);
  return dy;
}

Rows HeadNoise::tangent(const Recording&, const Passed&, Rows dx) const { return dx; }

Passed Heads::forward(const Recording& r, Rows x) const {
  const Rows y = r.into != nullptr ? Rows{r.into, x.count, records.width()}
                                   : r.rows(x.count, records.width(), name + " records");
  r.program.add<kernels::record_heads>(
      {.rows = x.count, .shape = shape_of(records, r.flat.records), .scores = x.data, .y = y.data});
  return {x, y};
}

Rows Heads::backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const {
  const Rows dx = r.rows(dy.count, records.scores(), name + " score delta");
  r.program.add<kernels::record_heads_backward>({.rows = dy.count,
                                                 .shape = shape_of(records, r.flat.records),
                                                 .scores = passed.x.data,
                                                 .dy = dy.data,
                                                 .dscores = dx.data});
  if (wanted.asked != nullptr && records.choice != HeadChoice::gumbel)
    add_cross_entropy(r.program, *wanted.asked, passed.x, dx);
  return dx;
}

Rows Heads::tangent(const Recording&, const Passed&, Rows) const {
  throw std::logic_error(name + ": heads are curved, and have no tangent here");
}

std::vector<std::int32_t> record_numbers(const RecordLayout& layout) {
  std::vector<std::int32_t> numbers{0};
  for (const std::int64_t levels : layout.heads)
    numbers.push_back(numbers.back() + static_cast<std::int32_t>(levels));
  for (const std::int64_t gate : layout.gates) numbers.push_back(static_cast<std::int32_t>(gate));
  return numbers;
}

kernels::RecordShape shape_of(const RecordLayout& records, const std::int32_t* in_memory) {
  const auto heads = static_cast<std::int64_t>(records.heads.size());
  return {.heads = heads,
          .levels = records.levels(),
          .numbers = records.numbers(),
          .head_first = in_memory,
          .gate = in_memory + heads + 1,
          .choice = records.choice,
          .link = records.link,
          .beside = records.condition_levels()};
}

}  // namespace agon
