#include "engine/training/judge.hpp"
#include "engine/training/optimise.hpp"
#include "engine/training/phases.hpp"

namespace agon {
namespace {

/// From the piece's fakes to the gradient by them, `dfake`, (rows, width). D's own gradients are not
/// computed.
void through_discriminator(Program& program, const StepMemory& m, const MicroBatch& piece, float* dfake) {
  const Network& d = *m.discriminator;
  const std::size_t last = static_cast<std::size_t>(d.spec().layers()) - 1;
  const float* const fakes = fakes_of_generator(m, piece);
  const std::int64_t rows = packed(m, piece.rows), judged = judged_by_generator(m, piece);
  float* const logits = m.logits + 2 * packed(m, m.config->batch) + packed(m, piece.first);
  const Judgement judgement{.x = fakes,
                            .rows = judged,
                            .split = rows,
                            .loss = generator_loss(m),
                            .logits = {logits, paired(m) ? logits + packed(m, m.config->batch) : nullptr},
                            .outputs = d.lay_out_activations(program, judged),
                            .dlogits = program.floats(judged, {"dlogits"}),
                            .dx = last == 0 ? dfake : d.take_delta(program, last, rows),
                            .dropped = dropped_rows(m, Phase::generators(m), piece)};
  judge(program, m, judgement);
  if (last == 0) return;
  const float* const dz = d.backward(program, {.x = fakes,
                                               .rows = rows,
                                               .activations = &judgement.outputs,
                                               .layer = last - 1,
                                               .dz = judgement.dx,
                                               .parameters = false,
                                               .dropped = &judgement.dropped,
                                               .precision = m.config->precision});
  program.add<kernels::linear_backward>(d.input_gradient(0, fakes, rows, dz, dfake, m.config->precision));
}

}  // namespace

void update_generator(Program& program, const StepMemory& m, const MicroBatch& piece, const Generation& g) {
  const Network& network = *m.generator;
  const std::size_t last = g.outputs.output.size() - 1;
  const kernels::Precision precision = m.config->precision;
  float* const dfake = program.floats(piece.rows * m.config->width(), {"dfake", m.config->width()});
  through_discriminator(program, m, piece, dfake);
  float* dhidden = nullptr;
  if (last > 0) {
    dhidden = network.take_delta(program, last, piece.rows);
    program.add<kernels::linear_backward>(
        network.input_gradient(last, g.outputs.output[last - 1], piece.rows, dfake, dhidden, precision));
  }
  network.backward(program, {.x = g.noise,
                             .rows = piece.rows,
                             .activations = &g.outputs,
                             .layer = last == 0 ? 0 : last - 1,
                             .dz = last == 0 ? dfake : dhidden,
                             .dz_above = last == 0 ? nullptr : dfake,
                             .accumulate = piece.first > 0,
                             .precision = precision});
  if (!piece.last) return;
  optimise(program, m, network, &m.state->generator);
  program.add<kernels::step_end>(m.end);
}

}  // namespace agon
