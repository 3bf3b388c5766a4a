#include "engine/table/tail.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace agon {
namespace {

/// This share of a column's rows are its tail, but no fewer and no more rows than these.
constexpr double kTailShare = 0.02;
constexpr std::int64_t kFewestInTail = 20, kMostInTail = 200;
/// Shapes beyond these are noise of few rows.
constexpr double kShortestTail = -0.5, kHeaviestTail = 0.9;

/// Numbers of the outermost `count` rows, from the outermost inwards; of the smallest, their negatives.
std::vector<double> outermost_rows(std::span<const CountedValue> values, std::size_t count, bool lower) {
  std::vector<double> found;
  for (std::size_t i = 0; i < values.size() && found.size() < count; ++i) {
    const CountedValue& v = values[lower ? i : values.size() - 1 - i];
    const std::size_t rows = std::min(static_cast<std::size_t>(v.atom ? 0 : v.rows), count - found.size());
    found.insert(found.end(), rows, lower ? -v.value : v.value);
  }
  return found;
}

/// The median of the largest of as many draws as there are excesses over a threshold, which descend.
double expected_largest(std::span<const double> excess) {
  const auto rows = static_cast<double>(excess.size());
  double mean = 0, weighted = 0;  // moments with the weights 1 and 1 - F
  for (std::size_t i = 0; i < excess.size(); ++i) {
    mean += excess[i] / rows;
    weighted += (static_cast<double>(i) + 0.35) / rows * excess[i] / rows;
  }
  const double spread = mean - 2 * weighted;
  if (spread <= 0) return excess.front();
  const double shape = std::clamp(2 - mean / spread, kShortestTail, kHeaviestTail);
  const double scale = mean * (1 - shape), beyond = -std::expm1(-std::log(2.0) / rows);
  return std::abs(shape) < 1e-6 ? -scale * std::log(beyond) : scale / shape * (std::pow(beyond, -shape) - 1);
}

}  // namespace

double pooled_end(std::span<const CountedValue> values, std::int64_t rows, bool lower) {
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(rows, 2));
  const std::vector<double> end = outermost_rows(values, count, lower);
  if (end.size() < 2) return values[lower ? 0 : values.size() - 1].value;
  const double mean = std::accumulate(end.begin() + 1, end.end(), 0.0) / static_cast<double>(end.size() - 1);
  return lower ? -mean : mean;
}

double tail_end(std::span<const CountedValue> values, std::int64_t rarest, bool lower) {
  std::int64_t rows = 0;
  for (const CountedValue& v : values) rows += v.atom ? 0 : v.rows;
  if (rarest <= 1 || rows < 2) return values[lower ? 0 : values.size() - 1].value;
  // Of few rows a quarter at each end, at most.
  const std::int64_t few = std::max<std::int64_t>(1, rows / 4);
  const double nearest = pooled_end(values, std::min(rarest, few), lower);
  const auto share = static_cast<std::int64_t>(kTailShare * static_cast<double>(rows));
  const std::int64_t count = std::min(std::clamp(share, kFewestInTail, kMostInTail), few);
  std::vector<double> tail = outermost_rows(values, static_cast<std::size_t>(count + 1), lower);
  const double threshold = tail.back(), furthest = std::midpoint(tail[0], tail[1]);
  tail.pop_back();
  for (double& value : tail) value -= threshold;
  if (tail.size() > 1) tail[0] = tail[1];
  const double reached = std::min(threshold + expected_largest(tail), furthest);
  return lower ? std::min(nearest, -reached) : std::max(nearest, reached);
}

}  // namespace agon
