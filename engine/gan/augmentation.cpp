#include "engine/gan/augmentation.hpp"

#include "engine/gan/turn.hpp"
#include "kernels/augment.hpp"

namespace agon {
namespace {

/// `second`: of the phase's two segments, of G's phase the real rows, else the fakes.
kernels::Augment augment_of(const StepMemory& m, const Turn& turn, bool second) {
  const std::int64_t segment = 2 * turn.phase + (second ? 1 : 0);
  return {.images = turn.rows,
          .shape = m.config->generator.images.shape,
          .first = segment * m.config->batch + turn.first,
          .kinds = m.config->augmentation.kinds(),
          .probability = &m.model->state->augmentation,
          .random = {m.config->seed, kernels::RandomPurpose::augmentation, &m.model->state->step}};
}

/// Whether the objective's logits mean something by their differences alone, or have another middle than 0.
bool is_centred(Objective objective) {
  return objective == Objective::relativistic || objective == Objective::wasserstein ||
         objective == Objective::least_squares;
}

}  // namespace

void augment(Program& program, const StepMemory& m, const Turn& turn) {
  if (!m.config->augmentation.any()) return;
  const auto add = [&](Rows from, Rows to, bool second) {
    kernels::Augment op = augment_of(m, turn, second);
    op.x = from.data, op.y = to.data;
    program.add<kernels::augment>(op);
  };
  const bool is_gs = is_generators(m, turn);
  add(fakes(m, turn), seen_fakes(m, turn), !is_gs);
  if (!is_gs || is_paired(m)) add(real_rows(m, turn), seen_real_rows(m, turn), is_gs);
}

Rows back_through_augmentation(Program& program, const StepMemory& m, const Turn& turn, Rows dfakes) {
  if (!m.config->augmentation.any()) return dfakes;
  const std::int64_t width = m.config->width();
  kernels::Augment op = augment_of(m, turn, /*second=*/false);
  op.back = true;
  op.x = dfakes.data;
  op.y = program.floats(turn.rows * width, {"gradient by fakes", width});
  program.add<kernels::augment>(op);
  return {op.y, turn.rows, width};
}

void adapt_augmentation(Program& program, const StepMemory& m) {
  const GanConfig& config = *m.config;
  if (!config.augmentation.adapts()) return;
  program.add<kernels::adapt_augmentation>(
      {.rows = config.batch,
       .real = m.logits,
       .fake = m.logits + config.batch,
       .centred = is_centred(config.objective),
       .target = static_cast<float>(config.augmentation.target),
       .change = static_cast<float>(static_cast<double>(config.rows_of_step()) / config.augmentation.images),
       .probability = &m.model->state->augmentation});
}

}  // namespace agon
