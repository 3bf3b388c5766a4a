// What the two players' moves are made of: which rows and random numbers a turn works on, where they lie, and
// the operations that draw, disturb and judge them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/gan/step.hpp"
#include "engine/network/layer.hpp"

namespace agon {

/// The number of the generator's phase.
inline std::int64_t generators_phase(const StepMemory& m) { return m.config->discriminator_steps; }
inline bool is_generators(const StepMemory& m, const Turn& turn) { return turn.phase == generators_phase(m); }
inline Player player_of(const StepMemory& m, const Turn& turn) {
  return is_generators(m, turn) ? kGenerator : kDiscriminator;
}
inline bool is_paired(const StepMemory& m) { return kernels::is_paired(m.config->objective); }
/// Whether the discriminator also sees points between or around its rows.
inline bool has_mixed_rows(const GanConfig& config) {
  return config.penalties.wgan_gp != 0 || config.penalties.dragan != 0;
}

/// The micro-batches of a phase.
std::vector<Turn> turns_of(const StepMemory& m, std::int64_t phase);

/// (rows, inputs): G's input, the condition in the last columns.
Rows noise(const StepMemory& m, const Turn& turn);
// (rows, width) each; of G's phase the real rows are there where the objective is paired, mixed ones never.
Rows mixed_rows(const StepMemory& m, const Turn& turn);
Rows real_rows(const StepMemory& m, const Turn& turn);
Rows fakes(const StepMemory& m, const Turn& turn);
/// The same as D sees them: elsewhere where they are augmented.
Rows seen_real_rows(const StepMemory& m, const Turn& turn);
Rows seen_fakes(const StepMemory& m, const Turn& turn);
/// What D takes in one sweep, as its own rows: [mixed |] real | fake, or of G's phase fakes [| real].
Rows seen_by_discriminator(const StepMemory& m, const Turn& turn);
/// Rows of the discriminator that so many of the table's columns make.
inline std::int64_t packed(const StepMemory& m, std::int64_t rows) { return rows / m.config->pack; }

/// Over a turn's noise; over what D sees in a turn, from its segment `first_segment` on.
Sweep generators_sweep(const StepMemory& m, const Turn& turn);
Sweep discriminators_sweep(const StepMemory& m, const Turn& turn, std::int64_t first_segment = 0);

/// z, standard normal, of this step alone; with conditions the condition behind it, and rows of the table
/// that have its level; by class the classes of the rows that draw_real_rows() takes.
void draw_noise(Program& program, const StepMemory& m, const Turn& turn);
/// x, the next of the table, of G's phase the same as of the last of D's; or those that draw_noise() chose.
void draw_real_rows(Program& program, const StepMemory& m, const Turn& turn);
/// With conditions on records: each beside the fake that it is for, and beside the real row where there is
/// one.
void show_conditions(Program& program, const StepMemory& m, const Turn& turn);
/// Noise onto what D is about to see. Whether m.clean, of G's phase, has the fakes as they were, which are no
/// longer where G made them.
bool add_instance_noise(Program& program, const StepMemory& m, const Turn& turn);
/// From D's output of all it sees in a turn, (rows, 1), to the loss's gradient by it, of the rows that are
/// judged: of G's phase the fakes alone. Keeps the logits for the step's end.
Rows loss_gradient(Program& program, const StepMemory& m, const Turn& turn, Rows logits);

/// The levels that G is asked for in its phase; nothing where there are no conditions.
std::optional<AskedLevels> asked_levels(const StepMemory& m);

/// Fakes of G's phase, as G made them, that are still there when the next step begins, and which it
/// does not write before step_begin has looked at them.
Rows fakes_left(const StepMemory& m);

/// What step_end works the statistics out from.
kernels::ObjectiveLoss discriminator_loss(const StepMemory& m);
kernels::ObjectiveLoss generator_loss(const StepMemory& m);

}  // namespace agon
