#include "engine/program/passes.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "engine/network/parameter_layout.hpp"
#include "engine/program/rewriter.hpp"
#include "kernels/adam.hpp"
#include "kernels/convolution.hpp"
#include "kernels/error.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_pair.hpp"
#include "kernels/step.hpp"

namespace agon {
namespace {

using kernels::Adam;
using kernels::GatherBatch;
using kernels::LinearBackward;
using kernels::LinearBackwardBeside;
using kernels::LinearForward;
using kernels::NormalFill;
using kernels::StepBegin;

/// The next Op becomes a part of the beginning at `place`, where that has none yet and nothing stands in the
/// way.
template <class Op>
void draw_with(Rewriter& rewriter, std::size_t place, Op StepBegin::*part) {
  std::size_t from = place + 1;
  while (from < rewriter.size() && rewriter[from].as<Op>() == nullptr) ++from;
  StepBegin begin = *rewriter[place].as<StepBegin>();
  if (from == rewriter.size() || (begin.*part).out != nullptr || !rewriter.can_move(from, place + 1)) return;
  rewriter.move(from, place + 1);
  begin.*part = *rewriter[place + 1].as<Op>();
  rewriter.merge(place, 2, Operation::of<kernels::step_begin>(begin));
}

/// Elements [first, end) of the buffers.
Adam piece_of(const Adam& whole, std::int64_t first, std::int64_t end) {
  const auto from = [=](float* buffer) { return buffer == nullptr ? nullptr : buffer + first; };
  return {.n = end - first,
          .parameter = from(whole.parameter),
          .gradient = whole.gradient + first,
          .moment1 = from(whole.moment1),
          .moment2 = from(whole.moment2),
          .state = whole.state,
          .average = from(whole.average)};
}

/// Where a layer's weight gradient goes; null where the operation computes none.
const float* weight_gradient(const Operation& operation) {
  if (const auto* const op = operation.as<LinearBackward>()) return op->dweight;
  if (const auto* const op = operation.as<kernels::ConvolutionBackward>()) return op->dweight;
  return nullptr;
}

/// The last operation before `end` that computes the gradient at `address`; nothing where none does.
std::optional<std::size_t> gradient_at(const Rewriter& rewriter, std::size_t end, const float* address) {
  for (std::size_t i = end; i-- > 0;)
    if (weight_gradient(rewriter[i]) == address) return i;
  return {};
}

/// Where layers' gradients begin in the optimiser's buffer, ascending; empty where they do not fill it.
std::vector<std::int64_t> layer_offsets(const Rewriter& rewriter, std::size_t optimiser) {
  const Adam& whole = *rewriter[optimiser].as<Adam>();
  std::vector<std::int64_t> first;
  for (std::size_t i = 0; i < optimiser; ++i) {
    const float* const gradient = weight_gradient(rewriter[i]);
    if (gradient == nullptr || gradient < whole.gradient || gradient >= whole.gradient + whole.n) continue;
    first.push_back(gradient - whole.gradient);
  }
  std::ranges::sort(first);
  first.erase(std::ranges::unique(first).begin(), first.end());
  if (!first.empty() && first.front() != 0) first.clear();
  return first;
}

/// The next gradient from operation `i` on; size() where there is none.
std::size_t next_gradient(const Rewriter& rewriter, std::size_t i) {
  while (i < rewriter.size() && rewriter[i].as<LinearBackward>() == nullptr) ++i;
  return i;
}

/// Whether the gradients `i` and `next` can be done at once: they know nothing of each other, and nothing in
/// between stands in the first one's way.
bool can_be_beside(const Rewriter& rewriter, std::size_t i, std::size_t next) {
  return next < rewriter.size() && !depend(rewriter[i], rewriter[next]) && rewriter.can_move(i, next - 1);
}

/// Whether the gradient `i` can be beside one of its layer that `update` depends on, and beside no other.
bool would_be_alone(const Rewriter& rewriter, std::size_t i, const Operation& update) {
  bool own = false, other = false;
  const auto look_at = [&](std::size_t beside) { (depend(rewriter[beside], update) ? own : other) = true; };
  if (const std::size_t next = next_gradient(rewriter, i + 1); can_be_beside(rewriter, i, next))
    look_at(next);
  for (std::size_t before = i; before-- > 0;) {
    if (rewriter[before].as<LinearBackward>() == nullptr) continue;
    if (can_be_beside(rewriter, before, i)) look_at(before);
    break;
  }
  return own && !other;
}

/// With the optimiser at `place` split; nothing where it cannot be.
std::optional<Rewriter> by_layer(Rewriter rewriter, std::size_t place) {
  const Adam whole = *rewriter[place].as<Adam>();
  const std::vector<std::int64_t> first = layer_offsets(rewriter, place);
  if (first.empty()) return {};
  std::vector<Operation> pieces;
  for (std::size_t l = 0; l < first.size(); ++l)
    pieces.push_back(Operation::of<kernels::adam>(
        piece_of(whole, first[l], l + 1 < first.size() ? first[l + 1] : whole.n)));
  for (const Operation& piece : pieces)
    if (would_be_alone(rewriter, *gradient_at(rewriter, place, piece.as<Adam>()->gradient), piece)) return {};
  rewriter.split(place, pieces);
  for (std::size_t l = 0; l < pieces.size(); ++l) {
    const std::size_t from = place + l;
    const std::size_t to = *gradient_at(rewriter, from, pieces[l].as<Adam>()->gradient) + 1;
    if (!rewriter.can_move(from, to)) return {};
    rewriter.move(from, to);
  }
  return rewriter;
}

/// Whether weight and bias, with what pads them, are the n elements from dweight on.
bool is_all_of(const LinearBackward& gradient, std::int64_t n) {
  const std::int64_t weight = aligned(gradient.shape.out * gradient.shape.in);
  return gradient.dbias == gradient.dweight + weight && n == weight + aligned(gradient.shape.out);
}

std::optional<Operation> pair_forward(const LinearForward& first, const LinearForward& second) {
  const std::int64_t columns = second.shape.in;
  const std::ptrdiff_t behind = first.y - second.x;
  const bool chained = first.shape.out == columns && behind >= 0 && behind % columns == 0 &&
                       behind < second.shape.batch * columns &&
                       second.shape.batch * columns <= behind + first.shape.batch * columns;
  const kernels::LinearPairForward both{first, second, behind / columns};
  if (!chained || !kernels::in_one_launch(both)) return {};
  return Operation::of<kernels::linear_pair_forward>(both);
}

std::optional<Operation> pair_backward(const LinearBackward& second, const LinearBackward& first) {
  const kernels::LinearPairBackward both{second, first};
  const bool chained = second.dx != nullptr && first.dz == second.dx && first.dx != nullptr &&
                       second.dweight == nullptr && first.dweight == nullptr &&
                       first.shape.out == second.shape.in && first.shape.batch == second.shape.batch;
  if (!chained || !kernels::in_one_launch(both)) return {};
  return Operation::of<kernels::linear_pair_backward>(both);
}

}  // namespace

Program draw_with_begin(const Program& program) {
  Rewriter rewriter(program);
  for (std::size_t i = 0; i < rewriter.size(); ++i) {
    if (rewriter[i].as<StepBegin>() == nullptr) continue;
    draw_with<NormalFill>(rewriter, i, &StepBegin::noise);
    draw_with<GatherBatch>(rewriter, i, &StepBegin::rows);
  }
  return std::move(rewriter).done();
}

Program update_by_layer(const Program& program) {
  Rewriter rewriter(program);
  for (std::size_t i = 0; i < rewriter.size(); ++i) {
    if (rewriter[i].as<Adam>() == nullptr) continue;
    const std::size_t before = rewriter.size();
    if (std::optional<Rewriter> split = by_layer(rewriter, i)) rewriter = *std::move(split);
    i += rewriter.size() - before;
  }
  return std::move(rewriter).done();
}

Program update_with_gradient(const Program& program) {
  return merge_in_a_row<LinearBackward, Adam>(
      program, [](LinearBackward gradient, const Adam& update) -> std::optional<Operation> {
        if (gradient.dweight != update.gradient || gradient.dx != nullptr || !is_all_of(gradient, update.n))
          return {};
        gradient.update = update;
        return Operation::of<kernels::linear_backward>(gradient);
      });
}

Program pair_layers(const Program& program) {
  return merge_in_a_row<LinearBackward, LinearBackward>(
      merge_in_a_row<LinearForward, LinearForward>(program, pair_forward), pair_backward);
}

Program gradients_beside(const Program& program) {
  Rewriter rewriter(program);
  for (std::size_t i = next_gradient(rewriter, 0); i < rewriter.size(); i = next_gradient(rewriter, i + 1)) {
    const std::size_t next = next_gradient(rewriter, i + 1);
    if (!can_be_beside(rewriter, i, next)) continue;
    const LinearBackward one = *rewriter[i].as<LinearBackward>(),
                         other = *rewriter[next].as<LinearBackward>();
    const bool in_order = one.dx != nullptr && other.dx == nullptr;
    rewriter.move(i, next - 1);
    rewriter.merge(next - 1, 2,
                   Operation::of<kernels::linear_backward_beside>(
                       in_order ? LinearBackwardBeside{one, other} : LinearBackwardBeside{other, one}));
  }
  return std::move(rewriter).done();
}

Program end_beside(const Program& program) {
  const auto beside_two = [](const LinearBackwardBeside& gradients, const kernels::StepEnd& end) {
    return std::optional(Operation::of<kernels::step_end_beside>({end, gradients}));
  };
  const auto beside_one = [&](const LinearBackward& gradient, const kernels::StepEnd& end) {
    return beside_two({gradient, {}}, end);
  };
  return merge_in_a_row<LinearBackward, kernels::StepEnd>(
      merge_in_a_row<LinearBackwardBeside, kernels::StepEnd>(program, beside_two), beside_one);
}

std::span<const Pass> all_passes() {
  static constexpr Pass kAll[] = {
      {"activation-with-layer", "LeakyReLU in the layer that it follows", activation_with_layer, true},
      {"loss-with-layer", "a last layer, its objective and its way back", loss_with_layer},
      {"merge-sweeps", "a layer's sweeps over rows that follow each other", merge_sweeps, true},
      {"copy-with-next", "rows that are copied to be changed, and the change", copy_with_next},
      {"draw-with-begin", "noise and rows are drawn as a phase begins", draw_with_begin},
      {"update-by-layer", "the optimiser's step goes layer by layer", update_by_layer, true},
      {"update-with-gradient", "a weight gradient and the optimiser's step on it", update_with_gradient},
      {"pair-layers", "two layers with few columns between them", pair_layers},
      {"gradients-beside", "two gradients that know nothing of each other", gradients_beside},
      {"end-beside", "the step's end beside its last gradients", end_beside},
  };
  return kAll;
}

void check_passes(std::string_view passes) {
  if (passes == "all" || passes == "none") return;
  std::string names = "all, none";
  for (const Pass& pass : all_passes()) names += ", " + std::string(pass.name);
  for (std::size_t end; !passes.empty(); passes.remove_prefix(std::min(passes.size(), end + 1))) {
    end = std::min(passes.find(','), passes.size());
    const std::string_view name = passes.substr(0, end);
    if (std::ranges::find(all_passes(), name, &Pass::name) == all_passes().end())
      throw ConfigurationError("'" + std::string(name) + "' is no pass; there are: " + names);
  }
}

Program fused(Program program, DeviceKind device, std::string_view passes) {
  check_passes(passes);
  const std::string listed = "," + std::string(passes) + ",";
  for (const Pass& pass : all_passes()) {
    const bool wanted = passes == "all" ? device == DeviceKind::cuda || pass.on_processor
                                        : listed.find("," + std::string(pass.name) + ",") != listed.npos;
    if (wanted) program = pass.apply(program);
  }
  return program;
}

}  // namespace agon
