#include "engine/metrics/health_reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/metrics/column_statistics.hpp"
#include "kernels/formula/permutation.hpp"
#include "kernels/random.hpp"

namespace agon {
namespace {

/// Of `count` rows that a keyed permutation moves to the front.
double mean_nearest(std::span<const float> table, std::int64_t rows, std::int64_t width, std::int64_t count,
                    std::uint64_t draw) {
  const auto order =
      kernels::formula::permutation(static_cast<std::uint32_t>(rows), 0,
                                    static_cast<std::uint32_t>(kernels::RandomPurpose::held_out_rows), draw);
  std::vector<const float*> chosen;
  for (std::int64_t i = 0; i < count; ++i)
    chosen.push_back(table.data() + kernels::formula::permute(order, static_cast<std::uint32_t>(i)) * width);
  double sum = 0;
  for (const float* one : chosen) {
    double least = std::numeric_limits<double>::infinity();
    for (const float* other : chosen)
      if (other != one) least = std::min(least, squared_distance(one, other, width));
    sum += std::sqrt(least);
  }
  return sum / static_cast<double>(count);
}

}  // namespace

std::vector<float> health_reference(std::span<const float> table, std::int64_t rows,
                                    std::int64_t neighbours) {
  constexpr std::uint64_t kDraws = 4;
  const auto width = static_cast<std::int64_t>(table.size()) / rows;
  const ColumnStatistics columns = column_statistics(table, width);
  std::vector<float> reference(columns.mean.begin(), columns.mean.end());
  reference.insert(reference.end(), columns.deviation.begin(), columns.deviation.end());
  double distance = neighbours < 2 ? std::numeric_limits<double>::quiet_NaN() : 0;
  for (std::uint64_t draw = 0; neighbours > 1 && draw < kDraws; ++draw)
    distance += mean_nearest(table, rows, width, neighbours, draw) / kDraws;
  reference.push_back(static_cast<float>(distance));
  return reference;
}

}  // namespace agon
