#include "host/evaluate/privacy/copies.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/privacy/equal_rows.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// The real rows that distances are taken to, in the places of `which`.
struct RealSurroundings {
  DistanceRows rows;
  std::vector<double> nearest;  ///< of each, the distance to its nearest other
  std::vector<char> rare;
};

RealSurroundings surroundings(const RowSearch& search, DistanceRows rows, double rare_distance_quantile,
                              Copies& copies, double near_distance_quantile) {
  RealSurroundings real;
  real.nearest = search.nearest_others(rows).distances();
  std::vector<double> sorted = real.nearest;
  std::sort(sorted.begin(), sorted.end());
  copies.near_distance = quantile(sorted, near_distance_quantile);
  copies.rare_distance = quantile(sorted, rare_distance_quantile);
  for (const double distance : real.nearest) {
    real.rare.push_back(distance > copies.rare_distance);
    copies.rare_rows += real.rare.back();
  }
  copies.distance_rows = rows.rows;
  real.rows = std::move(rows);
  return real;
}

void count_near(const RowSearch& search, const RealSurroundings& real, const DistanceRows& made,
                double near_distance, CopyRates& rates) {
  const Neighbours neighbours = search.nearest(made, real.rows);
  std::int64_t near = 0, near_rare = 0;
  for (std::size_t i = 0; i < neighbours.index.size(); ++i) {
    const double distance = std::sqrt(double{neighbours.squared[i]});
    const auto nearest = static_cast<std::size_t>(neighbours.index[i]);
    near += distance <= near_distance;
    near_rare += real.rare[nearest] && distance <= real.nearest[nearest] / 2;
  }
  rates.near = rate_of(near, made.rows);
  rates.near_rare = rate_of(near_rare, made.rows);
}

/// `rare` of real rows; sets `copied` for those that are.
void count_exact(const EqualRows& equal, const RecordSet& made, const std::vector<char>& rare,
                 std::vector<char>& copied, CopyRates& rates) {
  std::int64_t exact = 0, exact_rare = 0;
  for (std::int64_t i = 0; i < made.rows; ++i) {
    bool of_rare = false;
    const std::vector<std::int64_t> same = equal.find(made, i);
    for (const std::int64_t row : same) {
      of_rare |= rare[row] != 0;
      copied[row] = 1;
    }
    exact += !same.empty();
    exact_rare += of_rare;
  }
  rates.exact = rate_of(exact, made.rows);
  rates.exact_rare = rate_of(exact_rare, made.rows);
}

DistanceRows at_most(const DistanceRows& rows, const DistanceSpace& space, std::int64_t most, Draws& draws) {
  return rows.rows <= most ? rows : part(rows, space, draws.some(rows.rows, most));
}

double ratio_median_of(const Neighbours& two) {
  const std::vector<double> first = two.distances(0), second = two.distances(1);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < first.size(); ++i) ratios.push_back((first[i] + 1e-8) / (second[i] + 1e-8));
  return quantile_of(ratios, 0.5);
}

}  // namespace

Copies find_copies(const RowSearch& search, const ComparedTables& tables, const DistanceTables& points,
                   const CopiesOptions& options) {
  if (tables.real.rows < 2 || tables.synthetic.rows < 1)
    throw DataError("copies: two real rows and a synthetic one are needed");
  Draws draws(options.seed, DrawPurpose::copies);
  Copies copies;
  const std::vector<std::int64_t> which = draws.some(tables.real.rows, options.most_rows);
  const RealSurroundings real = surroundings(search, part(points.real, points.space, which),
                                             options.rare_quantile, copies, options.near_quantile);
  std::vector<char> rare(static_cast<std::size_t>(tables.real.rows)), copied(rare.size());
  for (std::size_t i = 0; i < which.size(); ++i) rare[which[i]] = real.rare[i];
  const EqualRows equal(tables.real);
  const auto count = [&](const RecordSet& made, const DistanceRows& at, CopyRates& rates) {
    std::fill(copied.begin(), copied.end(), 0);
    count_exact(equal, made, rare, copied, rates);
    count_near(search, real, at_most(at, points.space, options.most_queries, draws), copies.near_distance,
               rates);
  };
  count(tables.synthetic, points.synthetic, copies.synthetic);
  for (std::size_t i = 0; i < rare.size(); ++i) copies.rare_rows_copied += rare[i] && copied[i];
  if (tables.held_out && tables.held_out->rows > 0)
    count(*tables.held_out, *points.held_out, copies.held_out.emplace());
  return copies;
}

std::optional<ClosestRecords> closest_records(const RowSearch& search, const DistanceTables& points,
                                              const ClosestOptions& options) {
  const std::int64_t rows = points.held_out ? std::min(points.real.rows, points.held_out->rows) : 0;
  if (rows < 2 || points.synthetic.rows < 1) return std::nullopt;
  Draws draws(options.seed, DrawPurpose::closest);
  const DistanceRows real = part(points.real, points.space, draws.some(points.real.rows, rows));
  const DistanceRows held_out = part(*points.held_out, points.space, draws.some(points.held_out->rows, rows));
  const DistanceRows made = at_most(points.synthetic, points.space, options.most_rows, draws);
  const Neighbours to_real = search.nearest(made, real, 2), to_held_out = search.nearest(made, held_out, 2);
  const Neighbours between = search.nearest(held_out, real, 2);
  ClosestRecords closest;
  closest.rows = rows;
  double nearer = 0;
  for (std::size_t i = 0; i < to_real.squared.size(); i += 2) {
    const float a = to_real.squared[i], b = to_held_out.squared[i];
    nearer += a < b ? 1 : a == b ? 0.5 : 0;
  }
  closest.share = nearer / static_cast<double>(made.rows);
  closest.share_interval = rate_of(std::llround(nearer), made.rows).interval;
  closest.ratio_median = ratio_median_of(to_real);
  closest.ratio_median_held_out = ratio_median_of(between);
  closest.fifth_percentile = quantile_of(to_real.distances(), 0.05);
  closest.fifth_percentile_held_out = quantile_of(between.distances(), 0.05);
  return closest;
}

}  // namespace agon::host
