// The training step, written once: run on the processor, captured on CUDA.
//
// A batch that is too large for the caches goes through in micro-batches, whose gradients add up; one that is
// not is a single one, and then the fakes of both players lie side by side, for a pass to make them in one
// sweep.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/network/network.hpp"
#include "engine/training/config.hpp"
#include "kernels/step.hpp"

namespace agon {

/// Everything a step touches, as views into memory that the Gan owns. B = batch, C = rows of a micro-batch,
/// at most B; the discriminator's own rows are `pack` of these side by side. M = 1 where there are mixed rows
/// (config.hpp, Penalties::wgan_gp and dragan), else 0.
struct StepMemory {
  const GanConfig* config = nullptr;
  const Network* generator = nullptr;
  const Network* discriminator = nullptr;
  std::int64_t micro_batch = 0;  ///< C
  /// 2C rows. The last output lies in `rows`, behind the real ones; in its place here, with instance noise,
  /// G's fakes of its phase without that, (C, width).
  Activations generator_outputs;
  float* noise = nullptr;  ///< (2C, latent) and 4 elements: D's phase, then G's where C = B
  /// (3C, width): real rows, fakes of D's phase, fakes of G's where C = B (else these lie in place of D's).
  /// Where the objective is paired (4C, width): the real rows once more behind G's fakes. Mixed rows lie
  /// before the real ones.
  float* rows = nullptr;
  float* logits = nullptr;  ///< (3B): of real rows and of fakes in D's phase, of fakes in G's; paired (4B):
                            ///< and of real rows by the updated D
  float* penalties = nullptr;  ///< (3B), with penalties: of each penalised row
  kernels::StepState* state = nullptr;
  kernels::StepEnd end;
  std::byte* temporaries = nullptr;  ///< of the step's program, and of its parts
  std::int64_t temporary_bytes = 0;
  kernels::KeepGood keep;
  kernels::HealthProbe health;
  const float* table = nullptr;  ///< (table_rows, width)
  float* deviation = nullptr;    ///< (1): standard deviation of all its elements; 1 before there is a table
  std::int64_t table_rows = 0;
};

/// The body of the Loop: for each of D's phases step_begin with the noise and the next rows drawn from
/// state->step alone, and one Adam step on D of its objective and penalties, real and fake in one sweep; one
/// on G through the updated D, whose weight gradients are not computed; step_end. Where the objective is
/// paired, G's phase takes the real rows through D as well, and goes back through the fakes alone.
void train_step(Program& program, const StepMemory& memory);

/// The same in parts, on the noise and the real rows that are in memory. C must be B.
void train_discriminator_on_batch(Program& program, const StepMemory& memory, std::int64_t phase);
void train_generator_on_batch(Program& program, const StepMemory& memory);

/// D's rows in a batch at which a penalty is taken.
std::int64_t penalised_rows(const GanConfig& config);

/// Fakes of G's phase, without instance noise, that are still there, whole rows, when the next step begins,
/// and where none of its beginnings writes.
struct RowsLeft {
  const float* first = nullptr;
  std::int64_t count = 0;
};
RowsLeft fakes_left(const StepMemory& memory);

/// Where G's phase takes the real rows of a batch from, C = B; null where it does without.
float* real_rows_of_generator(const StepMemory& memory);

/// What step_end works on, but for the rings.
kernels::StepEnd end_of_step(const StepMemory& memory);

/// What step_end works the statistics out from; `memory` has its logits and its state.
kernels::ObjectiveLoss discriminator_loss(const StepMemory& memory);
kernels::ObjectiveLoss generator_loss(const StepMemory& memory);

}  // namespace agon
