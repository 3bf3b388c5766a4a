// What a device says of a training while it goes on.
#pragma once

#include <cstdint>

namespace agon::kernels {

/// Losses that a step works out, at most.
inline constexpr int kMostLosses = 2;

/// One row of the statistics ring.
struct StepStatistics {
  std::uint64_t step = 0;        ///< 1 for the first step
  float loss[kMostLosses] = {};  ///< of each ObjectiveResult (kernels/step_losses.hpp): its segments' sum
  float output[2] = {};          ///< of the first one's segments
  float penalty = 0;             ///< StepEnd.penalties' sum; in no loss above
  float augmentation = 0;        ///< StepState's, as the step leaves it
};

/// What the step before `step` left behind. Norms are Euclidean. A logit is saturated where the slope of its
/// loss (formula/objective.hpp, before the mean is taken) is less than kSaturatedSlope (health_probe.hpp): D
/// has nothing left to learn from its row. Spreads compare G's rows with the table, in the columns that vary
/// there: 1 where they are alike. NaN where there is nothing to compare, and where rows of G hold NaN.
struct HealthSample {
  std::uint64_t step = 0;            ///< of the row of statistics it belongs to
  float generator_gradient = 0;      ///< norm
  float discriminator_gradient = 0;  ///< norm
  float saturated_real = 0;          ///< share of D's logits of real rows
  float saturated_fake = 0;          ///< of fakes
  float spread_least = 0;  ///< standard deviation over the table's, of the column where that is least
  float spread_mean = 0;   ///< of all those columns
  float shift_most = 0;    ///< largest distance of a column's mean from the table's, in its deviations
  float distance = 0;      ///< mean distance to the nearest other row, over that of as many real rows
};

}  // namespace agon::kernels
