// Augmentation in the step: of what D is about to see, the way back through it, and its probability.
#pragma once

#include "engine/gan/step.hpp"

namespace agon {

/// What D is about to see becomes what was drawn, each image changed by itself; nothing where the
/// configuration has none. Each phase and each of its two segments has random numbers of its own.
void augment(Program& program, const StepMemory& m, const Turn& turn);

/// From the loss's gradient by the fakes of G's phase as D saw them to the one by those that G made.
Rows back_through_augmentation(Program& program, const StepMemory& m, const Turn& turn, Rows dfakes);

/// The probability, where it is adaptive, by the logits of D's last phase.
void adapt_augmentation(Program& program, const StepMemory& m);

}  // namespace agon
