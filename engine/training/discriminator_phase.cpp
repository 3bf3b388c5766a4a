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

/// All that D sees in this phase.
void make_rows(Program& program, const StepMemory& m, const Phase& phase, const MicroBatch& piece,
               const float* noise) {
  const Generation generation{noise, piece.rows, m.generator_outputs, fakes_of_discriminator(m, piece)};
  generate(program, m, generation);
  add_instance_noise(program, m, m.rows, piece, 2 * phase.number);
  add_instance_noise(program, m, generation.fakes, piece, 2 * phase.number + 1);
  if (has_mixed_rows(*m.config)) mix_rows(program, m, phase, piece);
}

/// Without room for the gradients.
Judgement judgement_of(Program& program, const StepMemory& m, const Phase& phase, const MicroBatch& piece) {
  const std::int64_t rows = packed(m, piece.rows), all = (has_mixed_rows(*m.config) ? 3 : 2) * rows;
  float* const logits = m.logits + packed(m, piece.first);
  return {.x = judged_rows_of_discriminator(m, piece),
          .rows = all,
          .bare = has_mixed_rows(*m.config) ? rows : 0,
          .split = rows,
          .loss = discriminator_loss(m),
          .logits = {logits, logits + packed(m, m.config->batch)},
          .outputs = m.discriminator->lay_out_activations(program, all),
          .dropped = dropped_rows(m, phase, piece)};
}

void descend(Program& program, const StepMemory& m, const Phase& phase, const MicroBatch& piece) {
  const Network& d = *m.discriminator;
  const std::size_t last = static_cast<std::size_t>(d.spec().layers()) - 1;
  Judgement judgement = judgement_of(program, m, phase, piece);
  judgement.dlogits = program.floats(judgement.rows, {"dlogits"});
  judgement.dx = last == 0 ? nullptr : d.take_delta(program, last, judgement.rows);
  judge(program, m, judgement);
  d.backward(program, {.x = judgement.x,
                       .rows = judgement.rows,
                       .activations = &judgement.outputs,
                       .layer = last == 0 ? 0 : last - 1,
                       .dz = last == 0 ? judgement.dlogits : judgement.dx,
                       .dz_above = last == 0 ? nullptr : judgement.dlogits,
                       .accumulate = piece.first > 0,
                       .dropped = &judgement.dropped,
                       .precision = m.config->precision});
}

/// From D's own gradient g by its input at the penalised rows to the activations that its parameters'
/// gradients are taken with.
void penalise(Program& program, const StepMemory& m, const Phase& phase, const MicroBatch& piece,
              const Penalised& what, const Judgement& judgement, float* g) {
  const Network& d = *m.discriminator;
  const std::int64_t segment = packed(m, piece.rows), batch = packed(m, m.config->batch);
  const std::int64_t first = what.first * segment, rows = what.count * segment;
  const std::int64_t width = m.config->pack * m.config->width();
  const float* const row_weight = judgement.row_weight + first;
  kernels::GradientPenalty op{.rows = rows,
                              .width = width,
                              .segment = segment,
                              .gradient = g,
                              .x = judged_rows_of_discriminator(m, piece) + first * width,
                              .row_weight = row_weight,
                              .scale = 1.0f / static_cast<float>(batch)};
  for (std::int64_t s = 0; s < what.count; ++s) {
    op.penalty[s] = m.penalties + s * batch + packed(m, piece.first);
    op.term[s] = what.term[s];
  }
  program.add<kernels::gradient_penalty>(op);
  const Activations activations = d.rows_from(judgement.outputs, first);
  const Activations tangents = d.lay_out_activations(program, rows, Mode::evaluation, 0, " tangent");
  const DroppedRows dropped = dropped_rows(m, phase, piece, what.first);
  const float* tangent = g;
  for (std::size_t l = 0; d.spec().hidden(l); ++l) {
    program.add<kernels::linear_tangent>(d.tangent_layer(l, tangent, rows, activations.output[l], row_weight,
                                                         tangents.output[l], m.config->precision));
    d.drop(program, l, &dropped, rows, tangents.output[l], activations.output[l]);
    tangent = tangents.output[l];
  }
}

/// The same with penalties: Pearlmutter's trick instead of a tape. With the unit rows' deltas those of the
/// logit itself, each layer's penalised gradient is delta^T (row_weight a + tangent).
void descend_penalised(Program& program, const StepMemory& m, const Phase& phase, const MicroBatch& piece,
                       const Penalised& what) {
  const Network& d = *m.discriminator;
  const kernels::Precision precision = m.config->precision;
  const std::size_t last = static_cast<std::size_t>(d.spec().layers()) - 1;
  const std::int64_t segment = packed(m, piece.rows), first = what.first * segment;
  Judgement judgement = judgement_of(program, m, phase, piece);
  const Activations deltas = d.lay_out_activations(program, judgement.rows, Mode::evaluation, 0, " delta");
  judgement.dlogits = deltas.output[last];
  judgement.dx = last == 0 ? nullptr : deltas.output[last - 1];
  judgement.unit_first = first;
  judgement.unit_rows = what.count * segment;
  judgement.row_weight = program.floats(judgement.rows, {"row weight"});
  judge(program, m, judgement);
  for (std::size_t l = last; l-- > 1;) {
    program.add<kernels::linear_backward>(d.input_gradient(l, judgement.outputs.output[l - 1], judgement.rows,
                                                           deltas.output[l], deltas.output[l - 1],
                                                           precision));
    d.drop(program, l - 1, &judgement.dropped, judgement.rows, deltas.output[l - 1]);
  }
  float* const g = d.take_delta(program, 0, judgement.unit_rows);
  program.add<kernels::linear_backward>(
      d.input_gradient(0, judgement.x + first * d.spec().widths[0], judgement.unit_rows,
                       deltas.output[0] + first * d.spec().widths[1], g, precision));
  penalise(program, m, phase, piece, what, judgement, g);
  d.parameter_gradients(program, deltas,
                        {.x = judgement.x,
                         .rows = judgement.rows,
                         .activations = &judgement.outputs,
                         .accumulate = piece.first > 0,
                         .row_weight = judgement.row_weight,
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
