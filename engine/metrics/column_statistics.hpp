// What can be told of rows in host memory: means, deviations and distances, in double, and whether they are
// finite.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace agon {

struct ColumnStatistics {
  std::vector<double> mean, deviation;  ///< (width); population standard deviations
};

/// Of the columns of `rows`, (n, width). A constant column's mean is its value and its deviation 0, exactly:
/// the sum of fewer than 2^29 equal floats is exact.
ColumnStatistics column_statistics(std::span<const float> rows, std::int64_t width);

bool all_finite(std::span<const float> values);

/// Between two rows of `width` elements.
double squared_distance(const float* a, const float* b, std::int64_t width);

}  // namespace agon
