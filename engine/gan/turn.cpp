#include "engine/gan/turn.hpp"

#include <algorithm>

#include "engine/gan/augmentation.hpp"
#include "engine/gan/penalties.hpp"
#include "engine/network/layer.hpp"
#include "kernels/batch_classes.hpp"
#include "kernels/columns.hpp"
#include "kernels/draw_conditions.hpp"
#include "kernels/encode_records.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/instance_noise.hpp"
#include "kernels/loss_gradient.hpp"
#include "kernels/random.hpp"

namespace agon {
namespace {

using kernels::RowRole;

/// Elements of a random stream that a batch of `width` columns takes: it begins where a block of four does.
std::int64_t stream_stride(const StepMemory& m, std::int64_t width) {
  return (m.config->batch * width + 3) / 4 * 4;
}

kernels::RandomStream stream(const StepMemory& m, kernels::RandomPurpose purpose) {
  return {m.config->seed, purpose, &m.model->state->step};
}

/// Of the batches that a step's noise makes the last D phase's comes first, G's next, and then those of the D
/// phases before.
std::int64_t noise_batch(const StepMemory& m, const Turn& turn) {
  if (is_generators(m, turn)) return 1;
  return turn.phase + 1 == generators_phase(m) ? 0 : 2 + turn.phase;
}

void add_noise_to(Program& program, const StepMemory& m, const Turn& turn, Rows rows, std::int64_t batch,
                  float* clean = nullptr) {
  const std::int64_t width = m.config->width();
  program.add<kernels::instance_noise>({.n = rows.size(),
                                        .first = batch * stream_stride(m, width) + turn.first * width,
                                        .rows = rows.data,
                                        .clean = clean,
                                        .deviation = static_cast<float>(m.config->instance_noise.deviation),
                                        .steps = m.config->instance_noise.steps,
                                        .random = stream(m, kernels::RandomPurpose::instance_noise)});
}

bool has_real_rows(const StepMemory& m, const Turn& turn) { return !is_generators(m, turn) || is_paired(m); }

/// Of the batches of the table that a step takes the one that a turn works on.
std::int64_t real_batch(const StepMemory& m, const Turn& turn) {
  return std::min(turn.phase, generators_phase(m) - 1);
}

/// A fake has the class of the real row at its place.
void show_classes(Program& program, const StepMemory& m, const Turn& turn) {
  const Rows rows = noise(m, turn);
  program.add<kernels::batch_classes>({.rows = m.table_rows,
                                       .batch = m.config->batch,
                                       .first = turn.first,
                                       .count = turn.rows,
                                       .classes = m.class_of_row,
                                       .levels = m.config->classes(),
                                       .chosen = m.classes[player_of(m, turn)],
                                       .out = rows.data,
                                       .width = rows.columns,
                                       .seed = m.config->seed,
                                       .step = &m.model->state->step,
                                       .of_step = generators_phase(m),
                                       .number = real_batch(m, turn)});
}

/// In the place of the last columns of the noise.
void draw_conditions_of(Program& program, const StepMemory& m, const Turn& turn) {
  const Rows rows = noise(m, turn);
  const bool is_asked = is_generators(m, turn);
  program.add<kernels::draw_conditions>(
      {.rows = rows.count,
       .shape = m.conditions,
       .out = rows.data,
       .width = rows.columns,
       .chosen = is_asked ? m.chosen : nullptr,
       .table = m.rows_by_level,
       .source = has_real_rows(m, turn) ? m.source[player_of(m, turn)] : nullptr,
       .first = noise_batch(m, turn) * m.config->batch + turn.first,
       .random = stream(m, kernels::RandomPurpose::conditions)});
}

/// Of a phase's two segments.
kernels::ObjectiveLoss loss_of(const StepMemory& m, const Turn& turn) {
  return is_generators(m, turn) ? generator_loss(m) : discriminator_loss(m);
}

}  // namespace

std::vector<Turn> turns_of(const StepMemory& m, std::int64_t phase) {
  std::vector<Turn> turns;
  for (std::int64_t first = 0; first < m.config->batch; first += m.micro_batch)
    turns.push_back({phase, first, std::min(m.micro_batch, m.config->batch - first)});
  return turns;
}

Rows noise(const StepMemory& m, const Turn& turn) { return m.noise[player_of(m, turn)].part(0, turn.rows); }

Rows mixed_rows(const StepMemory& m, const Turn& turn) { return m.seen[kDiscriminator].part(0, turn.rows); }

Rows seen_real_rows(const StepMemory& m, const Turn& turn) {
  if (is_generators(m, turn)) return m.seen[kGenerator].part(turn.rows, turn.rows);
  return m.seen[kDiscriminator].part(has_mixed_rows(*m.config) ? turn.rows : 0, turn.rows);
}

Rows seen_fakes(const StepMemory& m, const Turn& turn) {
  if (is_generators(m, turn)) return m.seen[kGenerator].part(0, turn.rows);
  return m.seen[kDiscriminator].part((has_mixed_rows(*m.config) ? 2 : 1) * turn.rows, turn.rows);
}

Rows real_rows(const StepMemory& m, const Turn& turn) {
  if (!m.config->augmentation.any()) return seen_real_rows(m, turn);
  return m.drawn[player_of(m, turn)].part(is_generators(m, turn) ? turn.rows : 0, turn.rows);
}

Rows fakes(const StepMemory& m, const Turn& turn) {
  if (!m.config->augmentation.any()) return seen_fakes(m, turn);
  return m.drawn[player_of(m, turn)].part(is_generators(m, turn) ? 0 : turn.rows, turn.rows);
}

Rows seen_by_discriminator(const StepMemory& m, const Turn& turn) {
  const std::int64_t segments =
      is_generators(m, turn) ? (is_paired(m) ? 2 : 1) : (has_mixed_rows(*m.config) ? 3 : 2);
  return m.seen[player_of(m, turn)].part(0, segments * turn.rows).packed(m.config->pack);
}

Sweep generators_sweep(const StepMemory& m, const Turn& turn) {
  const std::int64_t batch = m.config->batch;
  return {.precision = m.config->precision,
          .numbers = {.segment = turn.rows,
                      .segment_stride = batch,
                      .first = turn.phase * batch + turn.first,
                      .of_step = (generators_phase(m) + 1) * batch,
                      .random = stream(m, kernels::RandomPurpose::generator_dropout)},
          .group = turn.rows};
}

/// Each phase has three segments of a batch.
Sweep discriminators_sweep(const StepMemory& m, const Turn& turn, std::int64_t first_segment) {
  const std::int64_t batch = packed(m, m.config->batch), rows = packed(m, turn.rows);
  return {.precision = m.config->precision,
          .numbers = {.segment = rows,
                      .segment_stride = batch,
                      .first = (3 * turn.phase + first_segment) * batch + packed(m, turn.first),
                      .of_step = 3 * (generators_phase(m) + 1) * batch,
                      .random = stream(m, kernels::RandomPurpose::dropout)},
          .group = rows,
          .classes = m.classes[player_of(m, turn)]};
}

void begin_phase(Program& program, const StepMemory& m, std::int64_t phase) {
  if (phase < generators_phase(m)) {
    const std::uint32_t discriminator = 1u << kDiscriminator, generator = 1u << kGenerator;
    kernels::StepBegin begin{.state = m.model->state,
                             .advances = phase == 0 ? discriminator | generator : discriminator,
                             .again = phase > 0};
    if (phase == 0) begin.keep = m.model->keep, begin.health = m.health;
    program.add<kernels::step_begin>(begin);
  }
  normalise(program, *m.model, kDiscriminator);
}

void draw_noise(Program& program, const StepMemory& m, const Turn& turn) {
  const std::int64_t inputs = m.config->inputs();
  const Rows rows = noise(m, turn);
  program.add<kernels::normal_fill>(
      {.n = rows.size(),
       .first = noise_batch(m, turn) * stream_stride(m, inputs) + turn.first * inputs,
       .out = rows.data,
       .random = stream(m, kernels::RandomPurpose::training_noise)});
  if (m.config->by_class()) return show_classes(program, m, turn);
  if (m.config->conditional()) draw_conditions_of(program, m, turn);
}

void draw_real_rows(Program& program, const StepMemory& m, const Turn& turn) {
  const std::int64_t of_step = generators_phase(m), number = real_batch(m, turn);
  float* const out = real_rows(m, turn).data;
  if (m.config->generator.records.any()) {
    program.add<kernels::encode_records>(
        {.shape = shape_of(m.config->generator.records, m.generator().flat().records),
         .rows = m.table_rows,
         .batch = m.config->batch,
         .first = turn.first,
         .count = turn.rows,
         .codes = m.records.codes,
         .ranks = m.records.ranks,
         .cumulative = m.records.cumulative,
         .cumulative_size = m.records.cumulative_size,
         .source = m.config->conditional() ? m.source[player_of(m, turn)] : nullptr,
         .out = out,
         .seed = m.config->seed,
         .step = &m.model->state->step,
         .of_step = of_step,
         .number = number,
         .own = m.own_tables});
    return;
  }
  program.add<kernels::gather_batch>({.rows = m.table_rows,
                                      .width = m.config->width(),
                                      .batch = m.config->batch,
                                      .first = turn.first,
                                      .count = turn.rows,
                                      .table = m.table,
                                      .bytes = m.bytes,
                                      .out = out,
                                      .seed = m.config->seed,
                                      .step = &m.model->state->step,
                                      .of_step = of_step,
                                      .number = number,
                                      .own = m.own_tables});
}

void show_conditions(Program& program, const StepMemory& m, const Turn& turn) {
  if (!m.config->conditional() || m.config->by_class()) return;
  const Rows from = noise(m, turn);
  const auto show = [&](Rows to) {
    const std::int64_t width = m.config->generator.records.condition_levels();
    program.add<kernels::columns>({.rows = to.count,
                                   .width = width,
                                   .from = from.data,
                                   .from_width = from.columns,
                                   .first_from = from.columns - width,
                                   .to = to.data,
                                   .to_width = to.columns,
                                   .first_to = to.columns - width});
  };
  show(fakes(m, turn));
  if (has_real_rows(m, turn)) show(real_rows(m, turn));
}

std::optional<AskedLevels> asked_levels(const StepMemory& m) {
  if (!m.config->conditional() || m.config->by_class()) return {};
  return AskedLevels{m.conditions, m.chosen, 1.0f / static_cast<float>(m.config->batch)};
}

bool add_instance_noise(Program& program, const StepMemory& m, const Turn& turn) {
  if (m.config->instance_noise.deviation == 0) return false;
  const std::int64_t batch = 2 * turn.phase;
  if (is_generators(m, turn)) {
    add_noise_to(program, m, turn, seen_fakes(m, turn), batch, m.clean.data);
    if (is_paired(m)) add_noise_to(program, m, turn, seen_real_rows(m, turn), batch + 1);
  } else {
    add_noise_to(program, m, turn, seen_real_rows(m, turn), batch);
    add_noise_to(program, m, turn, seen_fakes(m, turn), batch + 1);
  }
  return m.clean.data != nullptr;
}

Rows loss_gradient(Program& program, const StepMemory& m, const Turn& turn, Rows logits) {
  const kernels::ObjectiveLoss loss = loss_of(m, turn);
  const std::int64_t rows = packed(m, turn.rows), batch = packed(m, m.config->batch);
  const std::int64_t bare = !is_generators(m, turn) && has_mixed_rows(*m.config) ? rows : 0;
  kernels::LossGradient op{.bare = bare, .count = {rows, logits.count - bare - rows}};
  float* const kept = m.logits + (is_generators(m, turn) ? 2 * batch : 0) + packed(m, turn.first);
  for (int s = 0; s < 2; ++s) {
    op.logits[s] = logits.data + bare + s * rows;
    op.kept[s] = op.count[s] > 0 ? kept + s * batch : nullptr;
    op.term[s] = loss.term[s];
    op.scale[s] = 1.0f / static_cast<float>(batch);
  }
  op.dlogits = program.floats(op.judged(), {"dlogits", 1});
  program.add<kernels::loss_gradient>(op);
  return {op.dlogits, op.judged(), 1};
}

Rows fakes_left(const StepMemory& m) {
  if (m.clean.data != nullptr) return m.clean;
  const std::int64_t last = m.config->batch - (m.config->batch - 1) / m.micro_batch * m.micro_batch;
  // Behind fewer rows of the last micro-batch lie those of the one before, or real rows.
  const Rows& all = m.config->augmentation.any() ? m.drawn[kGenerator] : m.seen[kGenerator];
  return all.part(0, is_paired(m) ? last : m.micro_batch);
}

kernels::ObjectiveLoss discriminator_loss(const StepMemory& m) {
  const std::int64_t batch = packed(m, m.config->batch);
  const Objective objective = m.config->objective;
  return {.n = 2 * batch,
          .split = batch,
          .logits = m.logits,
          .result = &m.model->state->result[kDiscriminatorLoss],
          .term = {loss_term(objective, RowRole::real, static_cast<float>(m.config->real_label)),
                   loss_term(objective, RowRole::fake)}};
}

kernels::ObjectiveLoss generator_loss(const StepMemory& m) {
  const std::int64_t batch = packed(m, m.config->batch);
  const Objective objective = m.config->objective;
  return {.n = (is_paired(m) ? 2 : 1) * batch,
          .split = batch,
          .logits = m.logits + 2 * batch,
          .result = &m.model->state->result[kGeneratorLoss],
          .term = {loss_term(objective, RowRole::generated), loss_term(objective, RowRole::reference)}};
}

void end_step(Program& program, const StepMemory& m, const kernels::StepEnd& rings) {
  kernels::StepEnd end = rings;
  end.state = m.model->state;
  end.loss[kDiscriminatorLoss] = discriminator_loss(m);
  end.loss[kGeneratorLoss] = generator_loss(m);
  end.penalties = m.penalties;
  end.penalty_rows = penalised_rows(*m.config);
  end.penalty_scale = 1.0f / static_cast<float>(packed(m, m.config->batch));
  end.health = m.health_ring;
  adapt_augmentation(program, m);
  program.add<kernels::step_end>(end);
}

}  // namespace agon
