#include "host/evaluate/distances/sliced_distance.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "host/evaluate/draws.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// Normal numbers by Box and Muller's formula, scaled to length 1: a direction that no other is preferred to.
std::vector<double> random_direction(std::int64_t dimensions, Draws& draws) {
  constexpr std::int64_t kSteps = std::int64_t{1} << 53;
  const auto uniform = [&] {  // on (0, 1]
    return static_cast<double>(draws.below(kSteps) + 1) / static_cast<double>(kSteps);
  };
  std::vector<double> direction(static_cast<std::size_t>(dimensions));
  double square = 0;
  for (double& value : direction) {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    value = radius * std::cos(2 * std::numbers::pi * uniform());
    square += value * value;
  }
  for (double& value : direction) value /= std::sqrt(square);
  return direction;
}

std::vector<double> sorted_projection(const DistanceRows& rows, const DistanceSpace& space,
                                      const std::vector<double>& direction) {
  std::vector<double> along(static_cast<std::size_t>(rows.rows));
  std::size_t dimension = 0;
  for (std::int64_t c = 0; c < space.numbers(); ++c, ++dimension)
    for (std::int64_t i = 0; i < rows.rows; ++i)
      along[i] += direction[dimension] * rows.numbers[c * rows.rows + i];
  for (std::size_t b = 0; b < space.blocks.size(); ++b) {
    for (std::int64_t i = 0; i < rows.rows; ++i) {
      const std::int32_t level = rows.levels[b * static_cast<std::size_t>(rows.rows) + i];
      if (level != DistanceRows::kZero) along[i] += direction[dimension + static_cast<std::size_t>(level)];
    }
    dimension += static_cast<std::size_t>(space.blocks[b].levels);
  }
  std::sort(along.begin(), along.end());
  return along;
}

double sliced_between(const DistanceRows& a, const DistanceRows& b, const DistanceSpace& space,
                      std::int64_t rows, const SlicedOptions& options, Draws& draws) {
  return sliced_distance(part(a, space, draws.some(a.rows, rows)), part(b, space, draws.some(b.rows, rows)),
                         space, options.directions, options.seed);
}

double sliced_between_halves(const DistanceTables& points, std::int64_t rows, const SlicedOptions& options,
                             Draws& draws) {
  const std::vector<std::int64_t> order = draws.order(points.real.rows);
  return sliced_distance(part(points.real, points.space, {order.begin(), order.begin() + rows}),
                         part(points.real, points.space, {order.begin() + rows, order.begin() + 2 * rows}),
                         points.space, options.directions, options.seed);
}

}  // namespace

double sliced_distance(const DistanceRows& a, const DistanceRows& b, const DistanceSpace& space,
                       std::int64_t directions, std::uint64_t seed) {
  if (a.rows != b.rows || a.rows < 1) throw DataError("sliced distance: as many rows of either are needed");
  Draws draws(seed, DrawPurpose::directions);
  double mean = 0;
  for (std::int64_t p = 0; p < directions; ++p) {
    const std::vector<double> direction = random_direction(space.dimensions(), draws);
    const std::vector<double> x = sorted_projection(a, space, direction),
                              y = sorted_projection(b, space, direction);
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
    mean += sum / static_cast<double>(x.size());
  }
  return std::sqrt(mean / static_cast<double>(directions));
}

SlicedDistance measure_sliced_distance(const DistanceTables& points, const SlicedOptions& options) {
  SlicedDistance distance;
  distance.rows = std::min({points.real.rows, points.synthetic.rows, options.most_rows});
  if (distance.rows < 2) throw DataError("sliced distance: two rows of either table are needed");
  Draws draws(options.seed, DrawPurpose::sliced_rows);
  distance.synthetic =
      sliced_between(points.real, points.synthetic, points.space, distance.rows, options, draws);
  distance.floor_is_held_out = points.held_out && points.held_out->rows >= 2;
  distance.floor_rows =
      std::min(distance.rows, distance.floor_is_held_out ? points.held_out->rows : points.real.rows / 2);
  if (distance.floor_rows < 1) return distance;
  distance.floor =
      distance.floor_is_held_out
          ? sliced_between(points.real, *points.held_out, points.space, distance.floor_rows, options, draws)
          : sliced_between_halves(points, distance.floor_rows, options, draws);
  distance.synthetic_as_floor =
      sliced_between(points.real, points.synthetic, points.space, distance.floor_rows, options, draws);
  return distance;
}

}  // namespace agon::host
