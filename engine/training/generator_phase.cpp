#include "engine/training/judge.hpp"
#include "engine/training/optimise.hpp"
#include "engine/training/phases.hpp"

namespace agon {
namespace {

/// From the dz of D's first layer, or from dfake where D has one layer and `dz` is null, to the dz of G's
/// last hidden layer, which is returned; null where G has none. dfake is written on the way.
const float* into_generator(Program& program, const StepMemory& m, const MicroBatch& piece,
                            const Generation& g, const float* dz) {
  const kernels::Precision precision = m.config->precision;
  const std::size_t last = g.outputs.output.size() - 1;
  const auto into_fakes = [&] {
    return m.discriminator->input_gradient(0, fakes_of_generator(m, piece), packed(m, piece.rows), dz,
                                           m.dfake, precision);
  };
  if (last == 0) {
    if (dz != nullptr) program.add<kernels::linear_backward>(into_fakes());
    return nullptr;
  }
  float* const dhidden = dz == m.scratch[0] ? m.scratch[1] : m.scratch[0];
  const kernels::LinearBackward into_hidden =
      m.generator->input_gradient(last, g.outputs.output[last - 1], piece.rows, m.dfake, dhidden, precision);
  if (dz != nullptr) program.add<kernels::linear_backward>(into_fakes());
  program.add<kernels::linear_backward>(into_hidden);
  return dhidden;
}

/// Fakes to the dz of D's first layer, which is returned; or to dfake, and null, where D has one layer.
const float* through_discriminator(Program& program, const StepMemory& m, const MicroBatch& piece) {
  const std::size_t layers = m.discriminator_outputs.output.size();
  const float* const fakes = fakes_of_generator(m, piece);
  const std::int64_t rows = packed(m, piece.rows);
  const DroppedRows dropped = dropped_rows(m, Phase::generators(m), piece);
  float* const logits = m.logits + 2 * packed(m, m.config->batch) + packed(m, piece.first);
  judge(program, m,
        {.x = fakes,
         .rows = judged_by_generator(m, piece),
         .split = rows,
         .loss = generator_loss(m),
         .logits = {logits, paired(m) ? logits + packed(m, m.config->batch) : nullptr},
         .dlogits = m.dlogits,
         .dx = layers == 1 ? m.dfake : m.scratch[0],
         .dropped = dropped});
  if (layers == 1) return nullptr;
  return m.discriminator->backward(program, {.x = fakes,
                                             .rows = rows,
                                             .activations = &m.discriminator_outputs,
                                             .layer = layers - 2,
                                             .dz = m.scratch[0],
                                             .scratch = {m.scratch[0], m.scratch[1], m.scratch[2]},
                                             .parameters = false,
                                             .dropped = &dropped,
                                             .precision = m.config->precision});
}

}  // namespace

void update_generator(Program& program, const StepMemory& m, const MicroBatch& piece, const Generation& g) {
  const float* const dhidden = into_generator(program, m, piece, g, through_discriminator(program, m, piece));
  const std::size_t last = g.outputs.output.size() - 1;
  m.generator->backward(program, {.x = g.noise,
                                  .rows = piece.rows,
                                  .activations = &g.outputs,
                                  .layer = dhidden == nullptr ? last : last - 1,
                                  .dz = dhidden == nullptr ? m.dfake : dhidden,
                                  .dz_above = dhidden == nullptr ? nullptr : m.dfake,
                                  .scratch = {m.scratch[0], m.scratch[1], m.scratch[2]},
                                  .accumulate = piece.first > 0,
                                  .precision = m.config->precision});
  if (!piece.last) return;
  optimise(program, m, *m.generator, &m.state->generator);
  program.add<kernels::step_end>(m.end);
}

}  // namespace agon
