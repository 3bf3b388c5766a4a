#include "engine/table/quantile_curve.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace agon {
namespace {

std::size_t place_in(const std::vector<double>& sorted, double value) {
  return static_cast<std::size_t>(std::ranges::upper_bound(sorted, value) - sorted.begin());
}

double between_knots(const std::vector<double>& x, const std::vector<double>& y, std::size_t i,
                     double value) {
  const double width = x[i] - x[i - 1];
  return width > 0 ? y[i - 1] + (value - x[i - 1]) / width * (y[i] - y[i - 1]) : y[i];
}

/// Collects knots as (position, rows passed).
struct KnotList {
  QuantileCurve curve;
  void add(double position, double rows) {
    if (!curve.at.empty() && curve.at.back() == position && curve.cumulative.back() == rows) return;
    curve.at.push_back(curve.at.empty() ? position : std::max(position, curve.at.back()));
    curve.cumulative.push_back(rows);
  }
  void drop() {
    curve.at.pop_back();
    curve.cumulative.pop_back();
  }
  QuantileCurve finish() {
    if (curve.at.empty() || curve.cumulative.back() <= 0) return {};
    const double all = curve.cumulative.back();
    for (double& c : curve.cumulative) c /= all;
    return std::move(curve);
  }
};

double share_of_rows(std::int64_t all, std::int64_t knots, std::int64_t rarest) {
  return std::max(static_cast<double>(rarest), static_cast<double>(all) / static_cast<double>(knots));
}

}  // namespace

double QuantileCurve::position(double u) const {
  const std::size_t i = place_in(cumulative, u);
  if (i == 0) return at.front();
  if (i == at.size()) return at.back();
  return between_knots(cumulative, at, i, u);
}

double QuantileCurve::before(double position) const {
  const auto i = static_cast<std::size_t>(std::ranges::lower_bound(at, position) - at.begin());
  if (i == 0) return 0;
  if (i == at.size()) return 1;
  return between_knots(at, cumulative, i, position);
}

double QuantileCurve::after(double position) const {
  const std::size_t i = place_in(at, position);
  if (i == 0) return 0;
  if (i == at.size()) return 1;
  return between_knots(at, cumulative, i, position);
}

namespace {

/// Adds the knots of one gap's rows, values[i] on, and returns the first value beyond it. Several knots only
/// where `group` rows lie between each two of them. Towards the end of an outer gap, where numbers lie
/// further and further apart, they come closer: as many rows between two of them as lie beyond, but 2 *
/// rarest.
std::size_t add_gap(const NumberSupport& support, std::span<const CountedValue> values,
                    const std::vector<double>& nearest, std::size_t i, double group, double rarest,
                    double& passed, KnotList& list) {
  const std::size_t gap = support.gap_of(nearest[i]);
  const bool first = gap == 0, last = gap == support.kept.size();
  const double end = last ? INFINITY : support.kept[gap], before = passed;
  double beyond = 0;
  for (std::size_t k = i; k < values.size() && nearest[k] < end; ++k)
    beyond += static_cast<double>(values[k].continuous);
  const double all = beyond, least = 2 * rarest;
  const NumberSupport::Zone middle = support.middle(gap);
  list.add(middle.low, passed);
  double since = 0;
  for (std::size_t from = i; i < values.size() && nearest[i] < end; ++i) {
    const double outside = std::min(first ? all - beyond - since : group, last ? beyond : group);
    const double needed = std::max(std::min(group, outside), first || last ? least : group);
    if (since >= needed && beyond >= (last ? least : rarest) && i > from && nearest[i] > nearest[i - 1]) {
      const double knot = (support.zone(nearest[i - 1]).high + support.zone(nearest[i]).low) / 2;
      if (std::isfinite(knot)) {
        list.add(knot, passed);
        since = 0;
      }
    }
    const auto rows = static_cast<double>(values[i].continuous);
    passed += rows;
    since += rows;
    beyond -= rows;
  }
  if (passed > before || list.curve.at.size() == 1) list.add(middle.high, passed);
  return i;
}

}  // namespace

QuantileCurve support_curve(const NumberSupport& support, std::span<const CountedValue> values,
                            std::int64_t rarest, std::int64_t knots) {
  std::vector<double> nearest;
  std::int64_t rare = 0;
  for (const CountedValue& v : values) {
    nearest.push_back(support.nearest(v.value));
    if (!support.is_kept(nearest.back())) rare += v.continuous;
  }
  const double group = share_of_rows(rare, knots, rarest), least = static_cast<double>(rarest);
  KnotList list;
  double passed = 0;
  for (std::size_t i = 0; i < values.size();) {
    const double value = nearest[i];
    if (!support.is_kept(value)) {
      i = add_gap(support, values, nearest, i, group, least, passed, list);
      continue;
    }
    const NumberSupport::Zone zone = support.zone(value);
    list.add(std::isfinite(zone.low) ? zone.low : value, passed);
    for (; i < values.size() && nearest[i] == value; ++i) passed += static_cast<double>(values[i].continuous);
    list.add(std::isfinite(zone.high) ? zone.high : value, passed);
  }
  return list.finish();
}

namespace {

/// How far the `rarest` rows at one end reach: twice as far from the first knot as the mean of their middle
/// half does, so that no single row's number can be told, and about half of the mass lies on either side of
/// it as in the table.
double reach_of(std::span<const double> values, std::span<const std::int64_t> counts, std::int64_t rows,
                double knot, bool lower) {
  const std::int64_t first = rows / 4, last = rows - rows / 4;  // of the middle half, counted from outside
  std::int64_t passed = 0;
  double sum = 0;
  for (std::size_t i = 0; i < values.size() && passed < last; ++i) {
    const std::size_t at = lower ? i : values.size() - 1 - i;
    const std::int64_t taken = std::min(passed + counts[at], last) - std::max(passed, first);
    sum += static_cast<double>(std::max<std::int64_t>(taken, 0)) * (values[at] - knot);
    passed += counts[at];
  }
  return last > first ? knot + 2 * sum / static_cast<double>(last - first) : knot;
}

}  // namespace

QuantileCurve free_curve(std::span<const double> values, std::span<const std::int64_t> counts,
                         std::int64_t rarest, std::int64_t knots) {
  const std::int64_t rows = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  const double group = share_of_rows(rows, knots, rarest), all = static_cast<double>(rows);
  const auto least = static_cast<double>(rarest);
  KnotList list;
  double passed = 0, since = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_mass = counts[i] >= rarest, is_first = list.curve.at.empty();
    if (is_first && (is_mass || passed >= least)) {
      const double knot = is_mass ? values[i] : (values[i - 1] + values[i]) / 2;
      if (passed >= least)
        list.add(reach_of(values, counts, static_cast<std::int64_t>(passed), knot, true), 0);
      list.add(knot, passed >= least ? passed : 0);
      since = 0;
    } else if (!is_first && !is_mass && since >= group && all - passed >= least) {
      list.add((values[i - 1] + values[i]) / 2, passed);
      since = 0;
    }
    if (is_mass) list.add(values[i], passed);
    passed += static_cast<double>(counts[i]);
    since += static_cast<double>(counts[i]);
    if (is_mass) list.add(values[i], passed), since = 0;
  }
  if (list.curve.at.empty()) list.add(values[values.size() / 2], 0);  // fewer rows than show more
  const double last = list.curve.at.back();
  if (since >= least)
    list.add(reach_of(values, counts, static_cast<std::int64_t>(since), last, false), passed);
  else
    list.add(last, passed);
  return list.finish();
}

}  // namespace agon
