#include "engine/gan/step.hpp"

#include "engine/gan/augmentation.hpp"
#include "engine/gan/penalties.hpp"
#include "engine/gan/turn.hpp"

namespace agon {

// Goodfellow et al., "Generative adversarial nets" (2014), algorithm 1.

void train_step(Program& program, const StepMemory& m, const kernels::StepEnd& end) {
  for (std::int64_t phase = 0; phase < generators_phase(m); ++phase) {
    begin_phase(program, m, phase);
    for (const Turn& turn : turns_of(m, phase)) {
      draw_noise(program, m, turn);
      draw_real_rows(program, m, turn);
      train_discriminator(program, m, turn);
    }
    optimise(program, *m.model, kDiscriminator);
  }
  begin_phase(program, m, generators_phase(m));
  for (const Turn& turn : turns_of(m, generators_phase(m))) {
    draw_noise(program, m, turn);
    if (is_paired(m)) draw_real_rows(program, m, turn);
    train_generator(program, m, turn);
  }
  optimise(program, *m.model, kGenerator);
  end_step(program, m, end);
}

/// D's gradient of its loss on real rows and on fakes, and of the penalties on its slope.
void train_discriminator(Program& program, const StepMemory& m, const Turn& turn) {
  const Network &generator = m.generator(), &discriminator = m.discriminator();

  generator.forward(program, noise(m, turn), generators_sweep(m, turn), fakes(m, turn).data);
  show_conditions(program, m, turn);
  augment(program, m, turn);
  add_instance_noise(program, m, turn);
  if (has_mixed_rows(*m.config)) mix_rows(program, m, turn);

  const Sweep sweep = discriminators_sweep(m, turn);
  const Trace judged = discriminator.forward(program, seen_by_discriminator(m, turn), sweep);
  const Rows dlogits = loss_gradient(program, m, turn, judged.y());

  const Gradients wanted{.accumulate = turn.first > 0};
  if (m.config->penalties.any()) {
    backward_with_penalties(program, m, turn, judged, dlogits, wanted);
  } else {
    discriminator.backward(program, judged, dlogits, sweep, wanted);
  }
}

/// G's gradient of its loss, back through D, whose own are not computed; and of how it keeps to conditions.
void train_generator(Program& program, const StepMemory& m, const Turn& turn) {
  const Network &generator = m.generator(), &discriminator = m.discriminator();

  Trace made = generator.forward(program, noise(m, turn), generators_sweep(m, turn), fakes(m, turn).data);
  show_conditions(program, m, turn);
  augment(program, m, turn);
  if (add_instance_noise(program, m, turn)) made.layers.back().y = m.clean.part(0, turn.rows);

  const Sweep sweep = discriminators_sweep(m, turn);
  const Trace judged = discriminator.forward(program, seen_by_discriminator(m, turn), sweep);
  const Rows dlogits = loss_gradient(program, m, turn, judged.y());

  const Gradients through{.parameters = false, .input = true};
  const Rows dfakes =
      discriminator.backward(program, judged.first(dlogits.count), dlogits, sweep, through).by_input;
  const std::optional<AskedLevels> asked = asked_levels(m);
  const Rows dmade = back_through_augmentation(program, m, turn, {dfakes.data, turn.rows, m.config->width()});
  generator.backward(program, made, dmade, generators_sweep(m, turn),
                     {.accumulate = turn.first > 0, .asked = asked ? &*asked : nullptr});
}

}  // namespace agon
