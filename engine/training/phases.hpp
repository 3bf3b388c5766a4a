// The two players' updates, on one piece of a batch.
#pragma once

#include "engine/training/step_rows.hpp"
#include "engine/training/update.hpp"

namespace agon {

/// One piece of a discriminator's phase: fakes of `noise`, behind them the generator's own where the batch is
/// whole and the phase the last one; then, with the last piece, one Adam step on the objective and the
/// penalties, mixed, real and fake rows in one sweep. The real rows are in memory.
void update_discriminator(Program& program, const StepMemory& memory, const Phase& phase,
                          const MicroBatch& piece, const float* noise);

/// The piece of the noise and of the generator's outputs that the generator's phase goes back through.
struct GeneratorPiece {
  const float* noise = nullptr;
  Activations outputs;
};

/// Once the discriminator's first layer has seen the piece's fakes: through the rest of D and back, and with
/// the last piece one Adam step on G and the step's end. D's own gradients are not computed.
void update_generator(Program& program, const StepMemory& memory, const MicroBatch& piece,
                      const GeneratorPiece& generator);

}  // namespace agon
