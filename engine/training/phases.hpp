// The two players' updates, on one piece of a batch.
#pragma once

#include "engine/training/judge.hpp"
#include "engine/training/update.hpp"

namespace agon {

/// One piece of a discriminator's phase: fakes of `noise`, the objective's and the penalties' gradients of
/// mixed, real and fake rows in one sweep, and with the last piece one Adam step. The real rows are in
/// memory.
void update_discriminator(Program& program, const StepMemory& memory, const Phase& phase,
                          const MicroBatch& piece, const float* noise);

/// The piece's fakes through D and back into G, and with the last piece one Adam step on G and the step's
/// end. D's own gradients are not computed.
void update_generator(Program& program, const StepMemory& memory, const MicroBatch& piece,
                      const Generation& generation);

}  // namespace agon
