// Which rows and which random numbers a phase of the step works on, and where they lie.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/training/update.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/random.hpp"

namespace agon {

/// Rows [first, first + rows) of the batch.
struct MicroBatch {
  std::int64_t first = 0;
  std::int64_t rows = 0;
  bool last = true;
};

inline bool whole(const StepMemory& m) { return m.micro_batch >= m.config->batch; }
inline bool paired(const StepMemory& m) { return kernels::is_paired(m.config->objective); }
inline MicroBatch whole_batch(const StepMemory& m) { return {0, m.config->batch, true}; }

template <class Use>
void for_each_micro_batch(const StepMemory& m, const Use& use) {
  const std::int64_t batch = m.config->batch;
  for (std::int64_t first = 0; first < batch; first += m.micro_batch)
    use(MicroBatch{first, std::min(m.micro_batch, batch - first), first + m.micro_batch >= batch});
}

/// Rows of the discriminator's input that so many of the table's columns make.
inline std::int64_t packed(const StepMemory& m, std::int64_t rows) { return rows / m.config->pack; }

/// Whether the discriminator also sees points between or around its rows, before the real ones.
inline bool has_mixed_rows(const GanConfig& config) {
  return config.penalties.wgan_gp != 0 || config.penalties.dragan != 0;
}
inline float* mixed_rows_of(const StepMemory& m, const MicroBatch& piece) {
  return m.rows - piece.rows * m.config->width();
}
/// What the discriminator's phase takes through D begins here: [mixed |] real | fake.
inline float* judged_rows_of_discriminator(const StepMemory& m, const MicroBatch& piece) {
  return has_mixed_rows(*m.config) ? mixed_rows_of(m, piece) : m.rows;
}

/// Where the fakes of a phase's piece lie in m.rows.
inline float* fakes_of_discriminator(const StepMemory& m, const MicroBatch& piece) {
  return m.rows + piece.rows * m.config->width();
}
inline float* fakes_of_generator(const StepMemory& m, const MicroBatch& piece) {
  return m.rows + (whole(m) ? 2 : 1) * piece.rows * m.config->width();
}
/// Behind these, where the objective is paired.
inline float* partners_of_generator(const StepMemory& m, const MicroBatch& piece) {
  return fakes_of_generator(m, piece) + piece.rows * m.config->width();
}
/// Rows that the generator's phase takes through the discriminator, from its fakes on.
inline std::int64_t judged_by_generator(const StepMemory& m, const MicroBatch& piece) {
  return (paired(m) ? 2 : 1) * packed(m, piece.rows);
}

/// Which of the step's phases: the discriminator's by number, or the generator's.
struct Phase {
  std::int64_t number = 0;  ///< from 0; the generator's is discriminator_steps

  static Phase generators(const StepMemory& m) { return {m.config->discriminator_steps}; }

  bool is_generators(const StepMemory& m) const { return number == m.config->discriminator_steps; }
  bool is_last_discriminators(const StepMemory& m) const {
    return number + 1 == m.config->discriminator_steps;
  }
};

/// The numbers of the discriminator's rows of a phase, from the segment `first_segment` of a piece on: each
/// phase has three segments of a batch ([mixed |] real | fake; of the generator's: fakes | real rows).
inline DroppedRows dropped_rows(const StepMemory& m, const Phase& phase, const MicroBatch& piece,
                                std::int64_t first_segment = 0) {
  const std::int64_t batch = packed(m, m.config->batch);
  return {.segment = packed(m, piece.rows),
          .segment_stride = batch,
          .first_row = (3 * phase.number + first_segment) * batch + packed(m, piece.first),
          .row_numbers = 3 * (m.config->discriminator_steps + 1) * batch,
          .random = {m.config->seed, kernels::RandomPurpose::dropout, &m.state->step}};
}

/// Elements of a random stream that a batch of `width` columns takes, cut where a block of numbers begins.
inline std::int64_t stream_stride(const StepMemory& m, std::int64_t width) {
  return (m.config->batch * width + 3) / 4 * 4;
}

/// Elements [first, first + count) of this step's noise, from `to` on. They are drawn in fours: up to three
/// before `to` are written, too.
inline kernels::NormalFill noise_fill(const StepMemory& m, std::int64_t first, std::int64_t count,
                                      float* to) {
  const std::int64_t skip = first % 4;
  return {.n = skip + count,
          .first = first - skip,
          .out = to - skip,
          .random = {m.config->seed, kernels::RandomPurpose::training_noise, &m.state->step}};
}

/// Of the piece's real rows, into `out`.
inline kernels::GatherBatch next_rows(const StepMemory& m, const Phase& phase, const MicroBatch& piece,
                                      float* out) {
  return {.rows = m.table_rows,
          .width = m.config->width(),
          .batch = m.config->batch,
          .first = piece.first,
          .count = piece.rows,
          .table = m.table,
          .out = out,
          .seed = m.config->seed,
          .step = &m.state->step,
          .of_step = m.config->discriminator_steps,
          .number = phase.number};
}

}  // namespace agon
