#include "engine/metrics/column_statistics.hpp"

#include <algorithm>
#include <cmath>

namespace agon {

ColumnStatistics column_statistics(std::span<const float> rows, std::int64_t width) {
  const auto columns = static_cast<std::size_t>(width), count = rows.size() / columns;
  std::vector<double> mean(columns), deviation(columns);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < columns; ++c) mean[c] += rows[i * columns + c];
  for (double& sum : mean) sum /= static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < columns; ++c) {
      const double difference = rows[i * columns + c] - mean[c];
      deviation[c] += difference * difference;
    }
  for (double& sum : deviation) sum = std::sqrt(sum / static_cast<double>(count));
  return {std::move(mean), std::move(deviation)};
}

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

double squared_distance(const float* a, const float* b, std::int64_t width) {
  double sum = 0;
  for (std::int64_t c = 0; c < width; ++c) sum += (double{a[c]} - b[c]) * (double{a[c]} - b[c]);
  return sum;
}

}  // namespace agon
