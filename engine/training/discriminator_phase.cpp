#include "engine/training/judge.hpp"
#include "engine/training/optimise.hpp"
#include "engine/training/phases.hpp"
#include "kernels/gradient_penalty.hpp"
#include "kernels/linear_tangent.hpp"
#include "kernels/mixed_rows.hpp"

namespace agon {
namespace {

using kernels::PenaltyCentre;
using kernels::PenaltyTerm;

/// Of the segments [mixed |] real | fake of D's rows those from the first to the last that is penalised.
struct Penalised {
  std::int64_t first = 0, count = 0;
  PenaltyTerm term[3] = {};
};

Penalised penalised(const GanConfig& config) {
  const auto term = [](PenaltyCentre centre, double weight) {
    return weight == 0 ? PenaltyTerm{} : PenaltyTerm{centre, static_cast<float>(weight)};
  };
  const Penalties& p = config.penalties;
  PenaltyTerm all[3];
  int segments = 0;
  if (has_mixed_rows(config))
    all[segments++] = term(PenaltyCentre::one, p.wgan_gp != 0 ? p.wgan_gp : p.dragan);
  all[segments++] = term(PenaltyCentre::zero, p.r1);
  all[segments++] = term(PenaltyCentre::zero, p.r2);
  int first = 0, end = segments;
  while (first < end && all[first].centre == PenaltyCentre::none) ++first;
  while (end > first && all[end - 1].centre == PenaltyCentre::none) --end;
  Penalised result{first, end - first, {}};
  for (int s = first; s < end; ++s) result.term[s - first] = all[s];
  return result;
}

void mix_rows(Program& program, const StepMemory& m, const Phase& phase, const MicroBatch& piece) {
  const bool between = m.config->penalties.wgan_gp != 0;
  program.add<kernels::mixed_rows>(
      {.rows = packed(m, piece.rows),
       .width = m.config->pack * m.config->width(),
       .real = m.rows,
       .fake = between ? fakes_of_discriminator(m, piece) : nullptr,
       .deviation = m.deviation,
       .out = mixed_rows_of(m, piece),
       .first = phase.number * packed(m, m.config->batch) + packed(m, piece.first),
       .random = {m.config->seed, kernels::RandomPurpose::penalty_points, &m.state->step}});
}

/// All that D sees in this phase, and D's first layer on it.
void make_rows(Program& program, const StepMemory& m, const Phase& phase, const MicroBatch& piece,
               const float* noise) {
  const Generation generation{noise, piece.rows, m.generator_outputs, fakes_of_discriminator(m, piece)};
  const float* const x = judged_rows_of_discriminator(m, piece);
  const std::int64_t rows = (has_mixed_rows(*m.config) ? 3 : 2) * packed(m, piece.rows);
  generate(program, m, generation);
  add_instance_noise(program, m, m.rows, piece, 2 * phase.number);
  add_instance_noise(program, m, generation.fakes, piece, 2 * phase.number + 1);
  if (has_mixed_rows(*m.config)) mix_rows(program, m, phase, piece);
  enter(program, m, x, rows, dropped_rows(m, phase, piece));
}

Judgement judgement_of(const StepMemory& m, const Phase& phase, const MicroBatch& piece) {
  const std::int64_t rows = packed(m, piece.rows);
  float* const logits = m.logits + packed(m, piece.first);
  return {.x = judged_rows_of_discriminator(m, piece),
          .rows = (has_mixed_rows(*m.config) ? 3 : 2) * rows,
          .bare = has_mixed_rows(*m.config) ? rows : 0,
          .split = rows,
          .loss = discriminator_loss(m),
          .logits = {logits, logits + packed(m, m.config->batch)},
          .dropped = dropped_rows(m, phase, piece)};
}

void descend(Program& program, const StepMemory& m, const Phase& phase, const MicroBatch& piece) {
  const std::size_t layers = m.discriminator_outputs.output.size();
  Judgement judgement = judgement_of(m, phase, piece);
  judgement.dlogits = m.dlogits;
  judgement.dx = layers == 1 ? nullptr : m.scratch[0];
  judge(program, m, judgement);
  m.discriminator->backward(program, {.x = judgement.x,
                                      .rows = judgement.rows,
                                      .activations = &m.discriminator_outputs,
                                      .layer = layers == 1 ? 0 : layers - 2,
                                      .dz = layers == 1 ? m.dlogits : m.scratch[0],
                                      .dz_above = layers == 1 ? nullptr : m.dlogits,
                                      .scratch = {m.scratch[0], m.scratch[1], m.scratch[2]},
                                      .accumulate = piece.first > 0,
                                      .dropped = &judgement.dropped,
                                      .precision = m.config->precision});
}

/// From D's own gradient g at the penalised rows, at m.scratch[2], to the activations that its parameters'
/// gradients are taken with.
void penalise(Program& program, const StepMemory& m, const Phase& phase, const MicroBatch& piece,
              const Penalised& what) {
  const std::size_t layers = m.discriminator_outputs.output.size();
  const std::int64_t segment = packed(m, piece.rows), batch = packed(m, m.config->batch);
  const std::int64_t first = what.first * segment, rows = what.count * segment;
  const std::int64_t width = m.config->pack * m.config->width();
  const float* const row_weight = m.row_weight + first;
  kernels::GradientPenalty op{.rows = rows,
                              .width = width,
                              .segment = segment,
                              .gradient = m.scratch[2],
                              .x = judged_rows_of_discriminator(m, piece) + first * width,
                              .row_weight = row_weight,
                              .scale = 1.0f / static_cast<float>(batch)};
  for (std::int64_t s = 0; s < what.count; ++s) {
    op.penalty[s] = m.penalties + s * batch + packed(m, piece.first);
    op.term[s] = what.term[s];
  }
  program.add<kernels::gradient_penalty>(op);
  const Activations activations = m.discriminator->rows_from(m.discriminator_outputs, first);
  const DroppedRows dropped = dropped_rows(m, phase, piece, what.first);
  const float* tangent = m.scratch[2];
  for (std::size_t l = 0; l + 1 < layers; ++l) {
    float* const y = m.scratch[l % 2];
    program.add<kernels::linear_tangent>(m.discriminator->tangent_layer(
        l, tangent, rows, activations.output[l], row_weight, y, m.config->precision));
    m.discriminator->drop(program, l, &dropped, rows, y, activations.output[l]);
    tangent = y;
  }
}

/// The same with penalties: Pearlmutter's trick instead of a tape. With the unit rows' deltas those of the
/// logit itself, each layer's penalised gradient is delta^T (row_weight a + tangent).
void descend_penalised(Program& program, const StepMemory& m, const Phase& phase, const MicroBatch& piece,
                       const Penalised& what) {
  const Network& d = *m.discriminator;
  const kernels::Precision precision = m.config->precision;
  const std::size_t layers = m.discriminator_outputs.output.size();
  const std::int64_t segment = packed(m, piece.rows), first = what.first * segment;
  Judgement judgement = judgement_of(m, phase, piece);
  judgement.dlogits = m.deltas.output[layers - 1];
  judgement.dx = layers == 1 ? nullptr : m.deltas.output[layers - 2];
  judgement.unit_first = first;
  judgement.unit_rows = what.count * segment;
  judgement.row_weight = m.row_weight;
  judge(program, m, judgement);
  for (std::size_t l = layers - 1; l-- > 1;) {
    program.add<kernels::linear_backward>(d.input_gradient(l, m.discriminator_outputs.output[l - 1],
                                                           judgement.rows, m.deltas.output[l],
                                                           m.deltas.output[l - 1], precision));
    d.drop(program, l - 1, &judgement.dropped, judgement.rows, m.deltas.output[l - 1]);
  }
  program.add<kernels::linear_backward>(
      d.input_gradient(0, judgement.x + first * d.spec().widths[0], judgement.unit_rows,
                       m.deltas.output[0] + first * d.spec().widths[1], m.scratch[2], precision));
  penalise(program, m, phase, piece, what);
  d.parameter_gradients(program, m.deltas,
                        {.x = judgement.x,
                         .rows = judgement.rows,
                         .activations = &m.discriminator_outputs,
                         .accumulate = piece.first > 0,
                         .row_weight = m.row_weight,
                         .precision = precision});
}

}  // namespace

void update_discriminator(Program& program, const StepMemory& m, const Phase& phase, const MicroBatch& piece,
                          const float* noise) {
  make_rows(program, m, phase, piece, noise);
  const Penalised what = penalised(*m.config);
  what.count == 0 ? descend(program, m, phase, piece) : descend_penalised(program, m, phase, piece, what);
  if (piece.last) optimise(program, m, *m.discriminator, &m.state->discriminator);
}

std::int64_t penalised_rows(const GanConfig& config) {
  return penalised(config).count * config.batch / config.pack;
}

}  // namespace agon
