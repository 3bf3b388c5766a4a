// The training step, written once as it is in the article: the processor runs what it records, CUDA captures
// it.
//
// A batch that is too large for the caches goes through in micro-batches, whose gradients add up.
#pragma once

#include <cstdint>

#include "engine/gan/config.hpp"
#include "engine/model/model_memory.hpp"
#include "engine/network/rows.hpp"
#include "kernels/condition_shape.hpp"
#include "kernels/health_probe.hpp"
#include "kernels/step.hpp"

namespace agon {

/// The players, as a Model numbers them; and their losses, as step_end does.
enum Player : int { kGenerator, kDiscriminator };
enum PlayersLoss : int { kDiscriminatorLoss, kGeneratorLoss };

/// Everything that a step works on beside what the model learns: views into memory. B = batch, C = rows of a
/// micro-batch, at most B; the discriminator's own rows are `pack` of these side by side.
struct StepMemory {
  const GanConfig* config = nullptr;
  const ModelMemory* model = nullptr;
  std::int64_t micro_batch = 0;  ///< C
  /// Of each Player's phase, (C, inputs): G's input.
  Rows noise[2];
  std::int32_t* chosen = nullptr;  ///< (C), with conditions: the level of each, of G's phase
  std::uint32_t* source[2] = {};   ///< (C), with conditions: rows of the table, of each Player's phase
  std::int32_t* classes[2] = {};   ///< (C), by class: of each row, of each Player's phase
  /// By Player, (C, width) each, one behind the other, D's first: mixed rows where there are some
  /// (Penalties::wgan_gp and dragan), real rows, fakes; behind them, of G's phase, its fakes, and the real
  /// rows again where the objective pairs them with it. A micro-batch of fewer rows has them behind each
  /// other as well, its fakes of G's phase at the same place.
  Rows seen[2];
  /// By Player, with augmentation: real rows and fakes before it, laid out as those that D sees.
  Rows drawn[2];
  Rows clean;               ///< (C, width), with instance noise alone: fakes of G's phase without it
  float* logits = nullptr;  ///< (3B / pack): of real rows and of fakes in D's phase, of fakes in G's; paired
                            ///< (4B / pack): and of real rows by the updated D
  float* penalties = nullptr;    ///< (3B / pack), with penalties: of each penalised row
  const float* table = nullptr;  ///< (table_rows, width); null where it is of records, or of images as bytes
  const std::uint8_t* bytes = nullptr;         ///< (table_rows, width), of images as bytes
  const std::int32_t* class_of_row = nullptr;  ///< (table_rows), by class
  /// With heads: the table as CodedRows has it (engine/network/record_layout.hpp).
  struct Records {
    const std::uint16_t* codes = nullptr;
    const std::uint32_t* ranks = nullptr;
    const float* cumulative = nullptr;
    std::int64_t cumulative_size = 0;
  } records;
  kernels::ConditionShape conditions;  ///< as training draws them
  kernels::RowsByLevel rows_by_level;
  bool own_tables = false;     ///< each replica has a table, one behind the other; else all have the one
  float* deviation = nullptr;  ///< (1): standard deviation of all its elements; 1 before there is a table
  std::int64_t table_rows = 0;
  float* reference = nullptr;  ///< (2 width + 1): health's
  kernels::HealthProbe health;
  kernels::HealthRing health_ring;

  const Network& generator() const { return model->networks[kGenerator]; }
  const Network& discriminator() const { return model->networks[kDiscriminator]; }
};

/// One micro-batch in one phase of the step.
struct Turn {
  std::int64_t phase = 0;  ///< 0, 1, ...: D's; config.discriminator_steps: G's
  std::int64_t first = 0;  ///< row of the phase's batch
  std::int64_t rows = 0;
};

/// The body of the Loop: for each of D's phases noise and the next rows, drawn from state->step alone, and
/// one Adam step on D of its objective and penalties; one on G through the updated D, whose weight gradients
/// are not computed; the step's end, which `end` has the rings of. Where the objective is paired, G's phase
/// takes the real rows through D as well, and goes back through the fakes alone.
void train_step(Program& program, const StepMemory& memory, const kernels::StepEnd& end);

/// Its parts. The two in the middle take noise and real rows that are in memory already.
void begin_phase(Program& program, const StepMemory& memory, std::int64_t phase);
void train_discriminator(Program& program, const StepMemory& memory, const Turn& turn);
void train_generator(Program& program, const StepMemory& memory, const Turn& turn);
void end_step(Program& program, const StepMemory& memory, const kernels::StepEnd& end);

}  // namespace agon
