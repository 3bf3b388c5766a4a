#include "engine/table/quantile_curve.hpp"

#include <algorithm>
#include <cmath>

namespace agon {
namespace {

std::size_t place_in(const std::vector<double>& sorted, double value) {
  return static_cast<std::size_t>(std::ranges::upper_bound(sorted, value) - sorted.begin());
}

double between_knots(const std::vector<double>& x, const std::vector<double>& y, std::size_t i, double value) {
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

QuantileCurve support_curve(const NumberSupport& support, std::span<const CountedValue> values,
                            std::int64_t rarest, std::int64_t knots) {
  std::int64_t rare = 0;
  for (const CountedValue& v : values)
    if (!support.is_kept(support.nearest(v.value))) rare += v.continuous;
  const double group = share_of_rows(rare, knots, rarest);
  KnotList list;
  double passed = 0;
  for (std::size_t i = 0; i < values.size();) {
    const double value = support.nearest(values[i].value);
    if (support.is_kept(value)) {
      const NumberSupport::Zone zone = support.zone(value);
      const double start = std::isfinite(zone.low) ? zone.low : value;
      list.add(start, passed);
      for (; i < values.size() && support.nearest(values[i].value) == value; ++i)
        passed += static_cast<double>(values[i].continuous);
      list.add(std::isfinite(zone.high) ? zone.high : value, passed);
      continue;
    }
    const std::size_t gap = support.gap_of(value);
    const NumberSupport::Zone middle = support.middle(gap);
    list.add(middle.low, passed);
    const double first = passed;
    double since = 0, needed = gap == 0 ? std::max(group, 2.0 * static_cast<double>(rarest)) : group;
    bool split = false;
    for (; i < values.size() && support.gap_of(support.nearest(values[i].value)) == gap &&
           !support.is_kept(support.nearest(values[i].value)); ++i) {
      if (since >= needed && support.nearest(values[i].value) > support.nearest(values[i - 1].value)) {
        const double end = support.zone(support.nearest(values[i - 1].value)).high;
        const double begin = support.zone(support.nearest(values[i].value)).low;
        if (std::isfinite(end) && std::isfinite(begin)) {
          list.add((begin + end) / 2, passed);
          split = true;
          since = 0;
          needed = group;
        }
      }
      passed += static_cast<double>(values[i].continuous);
      since += static_cast<double>(values[i].continuous);
    }
    const double enough = static_cast<double>(gap == support.kept.size() ? 2 * rarest : rarest);
    if (split && since < enough) list.drop();
    if (passed > first || list.curve.at.empty()) list.add(middle.high, passed);
  }
  return list.finish();
}

QuantileCurve free_curve(std::span<const double> values, std::span<const std::int64_t> counts,
                         std::int64_t rarest, std::int64_t knots) {
  std::int64_t rows = 0;
  for (const std::int64_t count : counts) rows += count;
  const double group = share_of_rows(rows, knots, rarest), least = static_cast<double>(rarest);
  KnotList list;
  double passed = 0, since = 0;
  bool ended_by_mass = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double mass = static_cast<double>(counts[i]);
    if (counts[i] >= rarest) {
      list.add(values[i], list.curve.at.empty() ? 0 : passed);
      passed += mass;
      list.add(values[i], passed);
      since = 0;
      ended_by_mass = true;
      continue;
    }
    // A knot between two rows: the first one has `rarest` rows beyond it, and starts the curve at 0.
    if (since >= (list.curve.at.empty() ? least : group) && static_cast<double>(rows) - passed >= least) {
      list.add((values[i - 1] + values[i]) / 2, list.curve.at.empty() ? 0 : passed);
      since = 0;
      ended_by_mass = false;
    }
    passed += mass;
    since += mass;
  }
  if (list.curve.at.empty()) {  // fewer rows than show anything but where they are
    const double middle = values[values.size() / 2];
    list.add(middle, 0);
    list.add(middle, passed);
  } else if (!ended_by_mass || since > 0) {
    list.curve.cumulative.back() = passed;
    if (list.curve.at.size() == 1) {
      list.curve.cumulative.back() = 0;
      list.add(list.curve.at.front(), passed);
    }
  }
  return list.finish();
}

}  // namespace agon
