#include "engine/training/look_reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/formula/permutation.hpp"
#include "kernels/random.hpp"

namespace agon {
namespace {

double squared_distance(const float* a, const float* b, std::int64_t width) {
  double sum = 0;
  for (std::int64_t c = 0; c < width; ++c) sum += (double{a[c]} - b[c]) * (double{a[c]} - b[c]);
  return sum;
}

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

std::vector<float> look_reference(std::span<const float> table, std::int64_t rows, std::int64_t neighbours) {
  constexpr std::uint64_t kDraws = 4;
  const auto width = static_cast<std::int64_t>(table.size()) / rows;
  std::vector<double> mean(static_cast<std::size_t>(width)), square(mean);
  // From the first row: a column that does not vary has a deviation of 0, not of a mean's rounding.
  const auto from_first = [&](std::int64_t i, std::int64_t c) {
    return double{table[i * width + c]} - table[c];
  };
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t c = 0; c < width; ++c) mean[c] += from_first(i, c) / static_cast<double>(rows);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t c = 0; c < width; ++c) square[c] += std::pow(from_first(i, c) - mean[c], 2);
  std::vector<float> reference;
  for (std::int64_t c = 0; c < width; ++c) reference.push_back(static_cast<float>(table[c] + mean[c]));
  for (const double sum : square)
    reference.push_back(static_cast<float>(std::sqrt(sum / static_cast<double>(rows))));
  double distance = neighbours < 2 ? std::numeric_limits<double>::quiet_NaN() : 0;
  for (std::uint64_t draw = 0; neighbours > 1 && draw < kDraws; ++draw)
    distance += mean_nearest(table, rows, width, neighbours, draw) / kDraws;
  reference.push_back(static_cast<float>(distance));
  return reference;
}

}  // namespace agon
