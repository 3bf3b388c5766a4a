#include "engine/training/update.hpp"

#include "kernels/adam.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/random.hpp"
#include "kernels/sigmoid_bce.hpp"

namespace agon {
namespace {

void adam_update(QueueView queue, const FlatParameters& flat, const kernels::AdamState* state) {
  kernels::adam(queue, {.n = flat.size,
                        .parameter = flat.value,
                        .gradient = flat.gradient,
                        .moment1 = flat.moment1,
                        .moment2 = flat.moment2,
                        .state = state});
}

}  // namespace

void draw_batch(QueueView queue, const StepMemory& m) {
  const GanConfig& config = *m.config;
  kernels::normal_fill(queue,
                       {.n = 2 * config.batch * config.latent(),
                        .out = m.noise,
                        .random = {config.seed, kernels::RandomPurpose::training_noise, &m.state->step}});
  kernels::gather_batch(queue, {.rows = m.table_rows,
                                .width = config.width(),
                                .batch = config.batch,
                                .table = m.table,
                                .out = m.rows,
                                .seed = config.seed,
                                .step = &m.state->step});
}

void generate_fakes(QueueView queue, const StepMemory& m) {
  m.generator->forward(queue, m.noise, 2 * m.config->batch, m.generator_outputs, m.config->precision);
}

void update_discriminator(QueueView queue, const StepMemory& m) {
  const std::int64_t batch = m.config->batch;
  m.discriminator->forward(queue, m.rows, 2 * batch, m.discriminator_outputs, m.config->precision);
  kernels::sigmoid_bce(queue, {.n = 2 * batch,
                               .split = batch,
                               .logits = m.discriminator_outputs.output.back(),
                               .dlogits = m.dlogits,
                               .result = &m.state->discriminator_result,
                               .target = {static_cast<float>(m.config->real_label), 0.0f}});
  m.discriminator->backward(queue,
                            {.x = m.rows,
                             .rows = 2 * batch,
                             .activations = &m.discriminator_outputs,
                             .doutput = m.dlogits,
                             .scratch = {m.scratch[0], m.scratch[1]}},
                            m.config->precision);
  adam_update(queue, m.discriminator->flat(), &m.state->discriminator);
}

void update_generator(QueueView queue, const StepMemory& m) {
  const std::int64_t batch = m.config->batch;
  const bool minimax = m.config->objective == Objective::minimax;
  const float* fakes = m.rows + 2 * batch * m.config->width();
  m.discriminator->forward(queue, fakes, batch, m.discriminator_outputs, m.config->precision);
  kernels::sigmoid_bce(queue, {.n = batch,
                               .split = batch,
                               .logits = m.discriminator_outputs.output.back(),
                               .dlogits = m.dlogits,
                               .result = &m.state->generator_result,
                               .target = {minimax ? 0.0f : 1.0f, 0.0f},
                               .weight = {minimax ? -1.0f : 1.0f, 0.0f}});
  m.discriminator->backward(queue,
                            {.x = fakes,
                             .rows = batch,
                             .activations = &m.discriminator_outputs,
                             .doutput = m.dlogits,
                             .scratch = {m.scratch[0], m.scratch[1]},
                             .dx = m.dfake,
                             .parameters = false},
                            m.config->precision);
  m.generator->backward(queue,
                        {.x = m.noise + batch * m.config->latent(),
                         .rows = batch,
                         .activations = &m.generator_second_half,
                         .doutput = m.dfake,
                         .scratch = {m.scratch[0], m.scratch[1]}},
                        m.config->precision);
  adam_update(queue, m.generator->flat(), &m.state->generator);
}

void train_on_batch(QueueView queue, const StepMemory& m) {
  kernels::step_begin(queue, m.state);
  generate_fakes(queue, m);
  update_discriminator(queue, m);
  update_generator(queue, m);
  kernels::step_end(queue, m.end);
}

void train_step(QueueView queue, const StepMemory& m) {
  draw_batch(queue, m);
  train_on_batch(queue, m);
}

}  // namespace agon
