#include "host/evaluate/distances/coverage.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/rates.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr int kCurvePoints = 30;
constexpr int kBallNeighbours = 5;

constexpr std::array kAllCoverage = {&CoverageFigures::alpha_precision, &CoverageFigures::beta_recall,
                                     &CoverageFigures::authenticity, &CoverageFigures::density,
                                     &CoverageFigures::coverage};

std::vector<double> square_roots(std::vector<double> squares) {
  for (double& value : squares) value = std::sqrt(value);
  return squares;
}

/// 1 - sum |a - share_within(radius(a))| / sum a, radius(a) the a-quantile of `of`.
template <class ShareWithin>
double curve_score(std::vector<double> of, ShareWithin share_within) {
  std::sort(of.begin(), of.end());
  double away = 0, all = 0;
  for (int point = 0; point < kCurvePoints; ++point) {
    const double a = static_cast<double>(point) / (kCurvePoints - 1);
    away += std::abs(a - share_within(quantile(of, a)));
    all += a;
  }
  return 1 - away / all;
}

double share_up_to(const std::vector<double>& sorted, double radius, std::size_t of) {
  const auto count = std::upper_bound(sorted.begin(), sorted.end(), radius) - sorted.begin();
  return static_cast<double>(count) / static_cast<double>(of);
}

double alpha_precision_of(const DistanceSpace& space, const DistanceRows& real, const DistanceRows& made) {
  std::vector<double> of_made = square_roots(squared_distances_to_mean(made, real, space));
  std::sort(of_made.begin(), of_made.end());
  return curve_score(square_roots(squared_distances_to_mean(real, real, space)),
                     [&](double radius) { return share_up_to(of_made, radius, of_made.size()); });
}

double beta_recall_of(const DistanceSpace& space, const DistanceRows& made, const Neighbours& real_to_made,
                      const Neighbours& real_to_real) {
  const std::vector<double> to_mean = square_roots(squared_distances_to_mean(made, made, space));
  std::vector<double> of_nearest, of_reached;
  for (std::size_t i = 0; i < real_to_made.index.size(); ++i) {
    of_nearest.push_back(to_mean[real_to_made.index[i]]);
    const float own = real_to_real.squared[i * static_cast<std::size_t>(real_to_real.k)];
    if (real_to_made.squared[i] <= own) of_reached.push_back(of_nearest.back());
  }
  std::sort(of_reached.begin(), of_reached.end());
  return curve_score(of_nearest,
                     [&](double radius) { return share_up_to(of_reached, radius, of_nearest.size()); });
}

double authenticity_of(const Neighbours& made_to_real, const Neighbours& real_to_real) {
  std::int64_t authentic = 0;
  for (std::size_t i = 0; i < made_to_real.index.size(); ++i) {
    const std::size_t nearest = static_cast<std::size_t>(made_to_real.index[i]);
    authentic +=
        real_to_real.squared[nearest * static_cast<std::size_t>(real_to_real.k)] < made_to_real.squared[i];
  }
  return static_cast<double>(authentic) / static_cast<double>(made_to_real.index.size());
}

/// Of the real rows' balls: the rows in them, and the balls with any.
void fill_density_and_coverage(const RowSearch& search, const DistanceRows& real, const DistanceRows& made,
                               const Neighbours& real_to_real, CoverageFigures& figures) {
  std::vector<float> radius2;
  const auto last = static_cast<std::size_t>(std::min<std::int64_t>(kBallNeighbours, real.rows - 1) - 1);
  for (std::size_t i = last; i < real_to_real.squared.size(); i += static_cast<std::size_t>(real_to_real.k))
    radius2.push_back(real_to_real.squared[i]);
  double inside = 0, covered = 0;
  for (const std::int32_t count : search.within(real, made, radius2)) {
    inside += count;
    covered += count > 0;
  }
  figures.density = inside / (static_cast<double>(last + 1) * static_cast<double>(made.rows));
  figures.coverage = covered / static_cast<double>(real.rows);
}

struct RealAndMade {
  DistanceRows real, made;
};

RealAndMade some_of_both(const DistanceSpace& space, const DistanceRows& real, const DistanceRows& made,
                         std::int64_t rows, Draws& draws) {
  return {part(real, space, draws.some(real.rows, rows)), part(made, space, draws.some(made.rows, rows))};
}

RealAndMade two_halves(const DistanceSpace& space, const DistanceRows& real, std::int64_t rows,
                       Draws& draws) {
  const std::vector<std::int64_t> order = draws.order(real.rows);
  return {part(real, space, {order.begin(), order.begin() + rows}),
          part(real, space, {order.begin() + rows, order.begin() + 2 * rows})};
}

void add_draw(const CoverageFigures& one, double share, CoverageFigures& mean) {
  for (const auto figure : kAllCoverage) mean.*figure += one.*figure * share;
}

void fill_floor(const RowSearch& search, const DistanceTables& tables, const CoverageOptions& options,
                Draws& draws, Coverage& coverage) {
  const DistanceSpace& space = tables.space;
  constexpr double kFar = std::numeric_limits<double>::infinity();
  coverage.floor_least = {kFar, kFar, kFar, kFar, kFar};
  coverage.floor_greatest = {-kFar, -kFar, -kFar, -kFar, -kFar};
  for (int draw = 0; draw < options.draws; ++draw) {
    const RealAndMade floor =
        coverage.floor_is_held_out
            ? some_of_both(space, tables.real, *tables.held_out, coverage.floor_rows, draws)
            : two_halves(space, tables.real, coverage.floor_rows, draws);
    const CoverageFigures one = coverage_figures(search, space, floor.real, floor.made);
    add_draw(one, 1.0 / options.draws, coverage.floor);
    for (const auto figure : kAllCoverage) {
      coverage.floor_least.*figure = std::min(coverage.floor_least.*figure, one.*figure);
      coverage.floor_greatest.*figure = std::max(coverage.floor_greatest.*figure, one.*figure);
    }
    const RealAndMade as_floor =
        some_of_both(space, tables.real, tables.synthetic, coverage.floor_rows, draws);
    add_draw(coverage_figures(search, space, as_floor.real, as_floor.made), 1.0 / options.draws,
             coverage.synthetic_as_floor);
  }
}

}  // namespace

CoverageFigures coverage_figures(const RowSearch& search, const DistanceSpace& space,
                                 const DistanceRows& real, const DistanceRows& made) {
  const int neighbours = static_cast<int>(std::min<std::int64_t>(kBallNeighbours, real.rows - 1));
  const Neighbours real_to_real = search.nearest_others(real, neighbours);
  CoverageFigures figures;
  figures.alpha_precision = alpha_precision_of(space, real, made);
  figures.beta_recall = beta_recall_of(space, made, search.nearest(real, made), real_to_real);
  figures.authenticity = authenticity_of(search.nearest(made, real), real_to_real);
  fill_density_and_coverage(search, real, made, real_to_real, figures);
  return figures;
}

Coverage measure_coverage(const RowSearch& search, const DistanceTables& tables,
                          const CoverageOptions& options) {
  const std::int64_t smaller = std::min(tables.real.rows, tables.synthetic.rows);
  if (smaller < 2) throw DataError("coverage: a table of two rows or more is needed on either side");
  Draws draws(options.seed, DrawPurpose::coverage);
  Coverage coverage;
  coverage.rows = std::min(smaller, options.most_rows);
  const RealAndMade all = some_of_both(tables.space, tables.real, tables.synthetic, coverage.rows, draws);
  coverage.synthetic = coverage_figures(search, tables.space, all.real, all.made);
  coverage.floor_is_held_out = tables.held_out && tables.held_out->rows >= 2;
  coverage.floor_rows = std::min(options.most_floor_rows,
                                 coverage.floor_is_held_out ? std::min(coverage.rows, tables.held_out->rows)
                                                            : std::min(coverage.rows, tables.real.rows / 2));
  if (coverage.floor_rows < 2) return coverage;
  coverage.draws = options.draws;
  fill_floor(search, tables, options, draws, coverage);
  return coverage;
}

}  // namespace agon::host
