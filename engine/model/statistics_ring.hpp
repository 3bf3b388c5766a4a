// Reading the ring of statistics while the device writes it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/step.hpp"

namespace agon {

/// Rows of a ring that cannot be had: the device may be writing kMostPending of them, and as many more before
/// it is seen that those are published.
inline constexpr std::uint64_t kUnsafeRows = 2 * kernels::kMostPending;

/// Rows of the steps in (since, *published], oldest first, from a ring of more than kUnsafeRows that step_end
/// writes (kernels/step.hpp), at this very moment or not: rows that were overwritten, or may have been while
/// they were copied, are left out.
std::vector<kernels::StepStatistics> read_ring(std::span<const kernels::StepStatistics> ring,
                                               const std::uint64_t* published, std::uint64_t since);

/// The same of health samples: those of steps in (since, *published] that are multiples of `every`, as far as
/// they were taken; sample s lies at (s / every) % ring.size().
std::vector<kernels::HealthSample> read_health(std::span<const kernels::HealthSample> ring,
                                               std::uint64_t every, const std::uint64_t* published,
                                               std::uint64_t since);

}  // namespace agon
