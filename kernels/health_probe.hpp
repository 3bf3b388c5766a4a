// How a training is doing: a health sample, taken on the device every so many steps.
#pragma once

#include <cstdint>

#include "kernels/formula/replica.hpp"
#include "kernels/statistics.hpp"
#include "kernels/step_losses.hpp"

namespace agon::kernels {

inline constexpr float kSaturatedSlope = 0.01f;
inline constexpr int kHealthBlocks = 64;
/// Rows whose nearest neighbours are searched, at most.
inline constexpr std::int64_t kHealthNeighbours = 128;

/// What a block found, in its share of everything.
struct HealthPartial {
  float square[2];     ///< sums of squares, of G's gradient and of D's
  float saturated[2];  ///< share of all logits of that segment
  float spread_least;  ///< infinite where it had no column
  float spread_sum;
  float shift_most;
  float columns;       ///< that it compared
  float distance_sum;  ///< over the reference's
};

/// Everything is as the step before left it.
struct HealthProbe {
  std::uint64_t every = 0;                        ///< steps; a power of two; 0: never
  const float* gradient[2] = {nullptr, nullptr};  ///< flat, of G and of D, 16-byte aligned
  std::int64_t parameters[2] = {0, 0};            ///< in each; multiples of 4
  ObjectiveLoss loss{};                           ///< D's: its logits and terms
  const float* fakes = nullptr;                   ///< (rows, width)
  std::int64_t rows = 0;                          ///< fewer than two: no spreads
  std::int64_t neighbours = 0;  ///< at most rows and kHealthNeighbours; fewer than two: no distance
  std::int64_t width = 0;
  /// (2 width + 1): the table's means and deviations, and the mean distance to the nearest other of so many
  /// of its rows as `neighbours` says.
  const float* reference = nullptr;
  HealthPartial* partial = nullptr;  ///< (kHealthBlocks), written
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, HealthProbe& op) {
  for (int i = 0; i < 2; ++i) v.reads(op.gradient[i], op.parameters[i]);
  v.reads(op.loss.logits, op.loss.n);
  v.moves(op.loss.result);
  v.reads(op.fakes, op.rows * op.width);
  v.reads(op.reference, 2 * op.width + 1);
  v.writes(op.partial, kHealthBlocks);
}

/// Where step_end puts what step_begin saw.
struct HealthRing {
  const HealthPartial* partial = nullptr;
  HealthSample* ring = nullptr;  ///< (size), readable by the host; the sample of step s is (s / every) % size
  std::int64_t size = 0;
  std::uint64_t every = 0;  ///< as in HealthProbe
  std::int64_t neighbours = 0;
};

}  // namespace agon::kernels
