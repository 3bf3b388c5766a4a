// The training step, written once: run on the processor, captured on CUDA.
#pragma once

#include <cstdint>

#include "engine/network/network.hpp"
#include "engine/training/config.hpp"
#include "kernels/step.hpp"

namespace agon {

/// Everything a step touches, as views into memory that the Gan owns. B = batch.
struct StepMemory {
  const GanConfig* config = nullptr;
  const Network* generator = nullptr;
  const Network* discriminator = nullptr;
  Activations generator_outputs;      ///< 2B rows; the last output lies in `rows`, behind the real ones
  Activations generator_second_half;  ///< the B rows of the generator's phase
  Activations discriminator_outputs;  ///< 2B rows
  float* noise = nullptr;             ///< (2B, latent): the discriminator's phase, the generator's phase
  float* rows = nullptr;              ///< (3B, width): real rows, fakes of D's phase, fakes of G's phase
  float* dlogits = nullptr;           ///< (2B)
  float* dfake = nullptr;             ///< (B, width)
  float* scratch[2] = {nullptr, nullptr};
  kernels::StepState* state = nullptr;
  kernels::StepEnd end;
  const float* table = nullptr;  ///< (table_rows, width)
  std::int64_t table_rows = 0;
};

/// Noise for both phases and the next real rows, from state->step alone. Writes noise and the first B of
/// rows.
void draw_batch(QueueView queue, const StepMemory& memory);

/// Both phases' fakes in one forward sweep of 2B rows: G does not change between the two phases.
void generate_fakes(QueueView queue, const StepMemory& memory);

/// One Adam step on D of mean BCE(D(x), real_label) + mean BCE(D(G(z)), 0), real and fake in one sweep of 2B
/// rows.
void update_discriminator(QueueView queue, const StepMemory& memory);

/// One Adam step on G through the updated D, whose weight gradients are not computed.
void update_generator(QueueView queue, const StepMemory& memory);

/// The step on the noise and real rows that are in memory: fakes, D's update, G's update, statistics.
void train_on_batch(QueueView queue, const StepMemory& memory);

/// draw_batch, then train_on_batch: the body of the Loop.
void train_step(QueueView queue, const StepMemory& memory);

}  // namespace agon
