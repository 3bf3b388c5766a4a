#include "engine/training/judge.hpp"

#include "kernels/instance_noise.hpp"
#include "kernels/logit_loss.hpp"

namespace agon {
void generate(Program& program, const StepMemory& m, const Generation& g) {
  const std::size_t last = g.outputs.output.size() - 1;
  const kernels::Precision precision = m.config->precision;
  m.generator->forward(program, g.noise, g.rows, g.outputs, precision, 0, last);
  program.add<kernels::linear_forward>(m.generator->forward_layer(
      last, last == 0 ? g.noise : g.outputs.output[last - 1], g.rows, g.fakes, precision));
}

void add_instance_noise(Program& program, const StepMemory& m, float* rows, const MicroBatch& piece,
                        std::int64_t region, float* clean) {
  const GanConfig& config = *m.config;
  if (config.instance_noise.deviation == 0) return;
  const std::int64_t width = config.width();
  program.add<kernels::instance_noise>(
      {.n = piece.rows * width,
       .first = region * stream_stride(m, width) + piece.first * width,
       .rows = rows,
       .clean = clean,
       .deviation = static_cast<float>(config.instance_noise.deviation),
       .steps = config.instance_noise.steps,
       .random = {config.seed, kernels::RandomPurpose::instance_noise, &m.state->step}});
}

void judge(Program& program, const StepMemory& m, const Judgement& j) {
  const Network& d = *m.discriminator;
  const std::size_t last = j.outputs.output.size() - 1;
  d.forward(program, j.x, j.rows, j.outputs, m.config->precision, 0, last, &j.dropped);
  const kernels::LinearForward layer = d.forward_layer(last, last == 0 ? j.x : j.outputs.output[last - 1],
                                                       j.rows, nullptr, m.config->precision);
  kernels::LogitLoss op{.rows = j.rows,
                        .in = layer.shape.in,
                        .bare = j.bare,
                        .split = j.split,
                        .x = layer.x,
                        .weight = layer.weight,
                        .bias = layer.bias,
                        .logits = {j.logits[0], j.logits[1]},
                        .dlogits = j.dlogits,
                        .dx = j.dx,
                        .input_slope = last == 0 ? 1.0f : d.spec().slope,
                        .unit_first = j.unit_first,
                        .unit_rows = j.unit_rows,
                        .row_weight = j.row_weight};
  const float scale = 1.0f / static_cast<float>(packed(m, m.config->batch));
  for (int s = 0; s < 2; ++s) op.term[s] = j.loss.term[s], op.scale[s] = scale;
  program.add<kernels::logit_loss>(op);
  if (last > 0) d.drop(program, last - 1, &j.dropped, op.judged(), j.dx);
}

}  // namespace agon
