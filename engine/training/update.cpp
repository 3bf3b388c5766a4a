#include "engine/training/update.hpp"

#include "engine/training/judge.hpp"
#include "engine/training/optimise.hpp"
#include "engine/training/phases.hpp"

namespace agon {
namespace {

/// Where the noise of a discriminator's phase begins in the step's stream: the last phase's comes first, the
/// generator's next, and then those of the phases before.
std::int64_t first_noise(const StepMemory& m, const Phase& phase) {
  if (phase.is_last_discriminators(m)) return 0;
  return (2 + phase.number) * m.config->batch * m.config->latent();
}

/// The beginning of a discriminator's phase, and with the first one of the step.
kernels::StepBegin beginning(const StepMemory& m, const Phase& phase) {
  kernels::StepBegin op{.state = m.state, .again = phase.number > 0};
  if (phase.number == 0) op.keep = m.keep, op.health = m.health;
  return op;
}

void discriminator_phase(Program& program, const StepMemory& m, const Phase& phase) {
  normalise_discriminator(program, m);
  const std::int64_t latent = m.config->latent();
  for_each_micro_batch(m, [&](const MicroBatch& piece) {
    const std::int64_t first = first_noise(m, phase) + piece.first * latent;
    float* const noise = m.noise + first % 4;
    program.add<kernels::normal_fill>(noise_fill(m, first, piece.rows * latent, noise));
    program.add<kernels::gather_batch>(next_rows(m, phase, piece, m.rows));
    update_discriminator(program, m, phase, piece, noise);
  });
}

void add_generators_instance_noise(Program& program, const StepMemory& m, const MicroBatch& piece) {
  const std::int64_t region = 2 * m.config->discriminator_steps;
  add_instance_noise(program, m, fakes_of_generator(m, piece), piece, region,
                     m.generator_outputs.output.back());
  if (paired(m)) add_instance_noise(program, m, partners_of_generator(m, piece), piece, region + 1);
}

/// One piece of the generator's phase, whose noise and, where the objective is paired, real rows are there.
void play_generator(Program& program, const StepMemory& m, const MicroBatch& piece, const float* noise) {
  const Generation generation{
      noise, piece.rows,
      whole(m) ? m.generator->rows_from(m.generator_outputs, piece.rows) : m.generator_outputs,
      fakes_of_generator(m, piece)};
  generate(program, m, generation);
  add_generators_instance_noise(program, m, piece);
  update_generator(program, m, piece, generation);
}

/// Where element `first` of the step's noise lies: a whole batch's behind that of the discriminator.
float* noise_of_generator(const StepMemory& m, std::int64_t first) {
  return m.noise + (whole(m) ? first : first % 4);
}

void generator_phase(Program& program, const StepMemory& m) {
  const Phase same_rows{m.config->discriminator_steps - 1};
  normalise_discriminator(program, m);
  const std::int64_t latent = m.config->latent();
  for_each_micro_batch(m, [&](const MicroBatch& piece) {
    const std::int64_t first = (m.config->batch + piece.first) * latent;
    float* const noise = noise_of_generator(m, first);
    program.add<kernels::normal_fill>(noise_fill(m, first, piece.rows * latent, noise));
    if (paired(m))
      program.add<kernels::gather_batch>(next_rows(m, same_rows, piece, partners_of_generator(m, piece)));
    play_generator(program, m, piece, noise);
  });
}

}  // namespace

kernels::ObjectiveLoss discriminator_loss(const StepMemory& m) {
  using kernels::RowRole;
  const std::int64_t batch = packed(m, m.config->batch);
  const Objective objective = m.config->objective;
  return {.n = 2 * batch,
          .split = batch,
          .logits = m.logits,
          .result = &m.state->discriminator_result,
          .term = {loss_term(objective, RowRole::real, static_cast<float>(m.config->real_label)),
                   loss_term(objective, RowRole::fake)}};
}

kernels::ObjectiveLoss generator_loss(const StepMemory& m) {
  using kernels::RowRole;
  const std::int64_t batch = packed(m, m.config->batch);
  const Objective objective = m.config->objective;
  return {.n = (paired(m) ? 2 : 1) * batch,
          .split = batch,
          .logits = m.logits + 2 * batch,
          .result = &m.state->generator_result,
          .term = {loss_term(objective, RowRole::generated), loss_term(objective, RowRole::reference)}};
}

kernels::StepEnd end_of_step(const StepMemory& m) {
  return {.state = m.state,
          .discriminator = discriminator_loss(m),
          .generator = generator_loss(m),
          .penalties = m.penalties,
          .penalty_rows = penalised_rows(*m.config),
          .penalty_scale = 1.0f / static_cast<float>(packed(m, m.config->batch))};
}

RowsLeft fakes_left(const StepMemory& m) {
  const std::int64_t rows = m.micro_batch, width = m.config->width();
  if (m.config->instance_noise.deviation > 0) return {m.generator_outputs.output.back(), rows};
  if (whole(m)) return {m.rows + 2 * m.config->batch * width, m.config->batch};
  // Pieces of `rows` rows and a last one of no more lay their fakes behind as many rows. Those of the last
  // piece end at twice its length; behind them are the fakes of the piece before, or real rows.
  const std::int64_t last = m.config->batch - (m.config->batch - 1) / rows * rows;
  return {m.rows + rows * width, paired(m) ? std::max<std::int64_t>(2 * last - rows, 0) : rows};
}

float* real_rows_of_generator(const StepMemory& m) {
  return paired(m) && whole(m) ? partners_of_generator(m, whole_batch(m)) : nullptr;
}

void train_discriminator_on_batch(Program& program, const StepMemory& m, std::int64_t phase) {
  program.add<kernels::step_begin>(beginning(m, {phase}));
  normalise_discriminator(program, m);
  update_discriminator(program, m, {phase}, whole_batch(m), m.noise);
}

void train_generator_on_batch(Program& program, const StepMemory& m) {
  normalise_discriminator(program, m);
  play_generator(program, m, whole_batch(m), noise_of_generator(m, m.config->batch * m.config->latent()));
}

void train_step(Program& program, const StepMemory& m) {
  for (Phase phase; !phase.is_generators(m); ++phase.number) {
    program.add<kernels::step_begin>(beginning(m, phase));
    discriminator_phase(program, m, phase);
  }
  generator_phase(program, m);
}

}  // namespace agon
