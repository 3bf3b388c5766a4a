// What a health sample compares the generator's rows with: the table's own spread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace agon {

/// Steps between health samples (kernels/health_probe.hpp).
inline constexpr std::uint64_t kHealthEvery = 64;

/// (2 width + 1): the columns' means, their population standard deviations, and the mean distance from a row
/// to the nearest other among `neighbours` rows of the table, at most `rows`, over four draws of them; NaN
/// where neighbours < 2. `table` is (rows, width). Depends on nothing else.
std::vector<float> health_reference(std::span<const float> table, std::int64_t rows, std::int64_t neighbours);

}  // namespace agon
