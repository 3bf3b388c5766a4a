#include "engine/table/number_support.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/table/tail.hpp"

namespace agon {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kRounding = 1e-6;  // of a step: what binary fractions leave of a whole multiple

/// The double that the decimals spell, so that equal texts are equal numbers.
double spelled_double(double value, int decimals) {
  if (decimals > 15) return value;
  const double scale = std::pow(10.0, decimals), whole = std::round(value * scale);
  return std::abs(whole) < 0x1p53 ? whole / scale + 0.0 : value;
}

double lattice_number(const Lattice& lattice, double multiple) {
  return spelled_double(lattice.offset + multiple * lattice.step, lattice.decimals);
}

}  // namespace

double Lattice::nearest(double value) const {
  return step > 0 ? lattice_number(*this, std::round((value - offset) / step)) : value;
}
double Lattice::at_most(double value) const {
  return step > 0 ? lattice_number(*this, std::floor((value - offset) / step + kRounding)) : value;
}
double Lattice::at_least(double value) const {
  return step > 0 ? lattice_number(*this, std::ceil((value - offset) / step - kRounding)) : value;
}

double NumberSupport::start(std::size_t gap) const {
  return gap == 0 ? low - lattice.step / 2 : kept[gap - 1];
}
double NumberSupport::end(std::size_t gap) const {
  return gap == kept.size() ? high + lattice.step / 2 : kept[gap];
}
double NumberSupport::inner_start(std::size_t gap) const {
  return gap == 0 ? low - lattice.step / 2 : kept[gap - 1] + lattice.step / 2;
}
double NumberSupport::inner_end(std::size_t gap) const {
  return gap == kept.size() ? high + lattice.step / 2 : kept[gap] - lattice.step / 2;
}

std::size_t NumberSupport::gap_of(double value) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(kept, value) - kept.begin());
}

bool NumberSupport::is_kept(double value) const { return std::ranges::binary_search(kept, value); }

NumberSupport::Zone NumberSupport::middle(std::size_t gap) const {
  const double from = start(gap), width = end(gap) - from;
  return {from + gaps[gap].below * width, from + (1 - gaps[gap].above) * width};
}

double NumberSupport::value_at(double position) const {
  const std::size_t gap = gap_of(position);
  const bool first = gap == 0, last = gap == kept.size();
  if (!gaps[gap].is_open() && (first || last)) return kept.empty() ? low : first ? kept.front() : kept.back();
  const Zone zone = middle(gap);
  if (position < zone.low && !first) return kept[gap - 1];
  if (position >= zone.high && !last) return kept[gap];
  if (lattice.step <= 0 && zone.high <= zone.low) return low;
  const double part = std::clamp((position - zone.low) / (zone.high - zone.low), 0.0, 1.0);
  const double from = inner_start(gap), to = inner_end(gap);
  const double value = from + part * (to - from);
  if (lattice.step <= 0) return value;
  return lattice.nearest(std::clamp(value, from + lattice.step / 2, to - lattice.step / 2));
}

NumberSupport::Zone NumberSupport::zone(double value) const {
  const std::size_t gap = gap_of(value);
  if (gap > 0 && kept[gap - 1] == value) {
    const bool first = gap == 1 && !gaps[0].is_open(), last = gap == kept.size() && !gaps[gap].is_open();
    const double before = end(gap - 1) - gaps[gap - 1].above * (end(gap - 1) - start(gap - 1));
    return {first ? -kInfinity : before, last ? kInfinity : middle(gap).low};
  }
  if (!gaps[gap].is_open()) return {-kInfinity, kInfinity};
  const Zone inner = middle(gap);
  const double from = inner_start(gap), width = inner_end(gap) - from, half = lattice.step / 2;
  if (width <= 0) return {-kInfinity, kInfinity};
  const double scale = (inner.high - inner.low) / width;
  Zone found{inner.low + (value - half - from) * scale, inner.low + (value + half - from) * scale};
  if (half > 0 && gap == 0 && value <= low + half) found.low = -kInfinity;
  if (half > 0 && gap == kept.size() && value >= high - half) found.high = kInfinity;
  return found;
}

double NumberSupport::nearest(double value) const {
  if (value <= low) return low;
  if (value >= high) return high;
  const std::size_t gap = gap_of(value);
  if (gap > 0 && kept[gap - 1] == value) return value;
  if (gaps[gap].is_open()) return lattice.nearest(value);
  return value - kept[gap - 1] < kept[gap] - value ? kept[gap - 1] : kept[gap];
}

double NumberSupport::at_most(double bound) const {
  if (bound >= high) return high;
  if (!(bound >= low)) return kNone;
  const std::size_t gap = gap_of(bound);
  if (!gaps[gap].is_open()) return kept[gap - 1];
  const double value = lattice.at_most(bound);
  return gap > 0 ? std::max(value, kept[gap - 1]) : value >= low ? value : kNone;
}

double NumberSupport::at_least(double bound) const {
  if (bound <= low) return low;
  if (!(bound <= high)) return kNone;
  const std::size_t gap = gap_of(bound);
  if (gap > 0 && kept[gap - 1] == bound) return bound;
  if (!gaps[gap].is_open()) return kept[gap];
  const double value = lattice.at_least(bound);
  return gap < kept.size() ? std::min(value, kept[gap]) : value <= high ? value : kNone;
}

void NumberSupport::extrapolate(double share, double lowest) {
  const double reach = share * (high - low);
  low = std::max(lattice.at_most(low - reach), std::min(low, lowest));
  high = lattice.at_least(high + reach);
  for (std::size_t gap = 0; gap < gaps.size(); ++gap) {
    const bool first = gap == 0, last = gap == kept.size();
    if (gaps[gap].is_open() || inner_end(gap) - inner_start(gap) <= lattice.step / 2) continue;
    gaps[gap] = {first ? 0 : last ? 0.9 : 0.45, last ? 0 : first ? 0.9 : 0.45};
  }
}

void NumberSupport::admit(double value) {
  if (value < low) {
    kept.insert(kept.begin(), value);
    gaps.insert(gaps.begin(), Gap{});
    low = value;
  } else if (value > high) {
    kept.push_back(value);
    gaps.push_back(Gap{});
    high = value;
  }
}

namespace {

/// A kept value has at least `rarest` rows, and one in this many of the column's: it is one of few entries.
constexpr std::int64_t kMostKept = 16384;
constexpr std::size_t kFewValues = 256;
/// What means a kept value reaches into a gap by so many steps at most, or by this share of a gap without
/// steps: in a wide one the other values stay where they are, which residuals are taken from.
constexpr double kWidestZone = 8, kWidestShare = 1.0 / 64;
constexpr double kMostlyKept = 0.9;

/// Whether values are a list, such as doses, rather than numbers of a lattice of which any may come.
bool is_list(std::span<const CountedValue> values, const Lattice& lattice, std::int64_t needed) {
  std::int64_t all = 0, frequent = 0;
  for (const CountedValue& v : values) {
    all += v.rows;
    if (v.rows >= needed) frequent += v.rows;
  }
  if (values.size() > kFewValues || static_cast<double>(frequent) < kMostlyKept * static_cast<double>(all))
    return false;
  const double places = (values.back().value - values.front().value) / lattice.step + 1;
  return lattice.step <= 0 || 4.0 * static_cast<double>(values.size()) < places;
}

std::int64_t rows_of(std::span<const CountedValue> values) {
  std::int64_t rows = 0;
  for (const CountedValue& v : values) rows += v.rows;
  return rows;
}

/// What is kept of a column: indices of its values, ascending.
std::vector<std::size_t> kept_of(std::span<const CountedValue> values, std::int64_t needed, bool ends) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i].rows >= needed || values[i].atom || (ends && (i == 0 || i + 1 == values.size())))
      kept.push_back(i);
  return kept;
}

/// How a gap is divided between `rows` of its own and the rows of the kept values at its ends, in `room`.
NumberSupport::Gap divided(double below, double rows, double above, double room, double step) {
  const double sum = below + rows + above, most = step > 0 ? kWidestZone * step / room : kWidestShare;
  return {std::min(below / sum, most), std::min(above / sum, most)};
}

}  // namespace

NumberSupport fit_support(std::span<const CountedValue> values, const Lattice& lattice, std::int64_t rarest,
                          SupportEnds ends) {
  const bool exact = ends == SupportEnds::exact;
  const std::int64_t end_rows = exact ? 1 : rarest;
  const std::int64_t all = rows_of(values), needed = std::max(rarest, all / kMostKept);
  const bool list = is_list(values, lattice, needed);
  const std::vector<std::size_t> kept = kept_of(values, needed, exact && list);
  NumberSupport support;
  support.lattice = lattice;
  for (const std::size_t i : kept) support.kept.push_back(values[i].value);
  support.gaps.resize(kept.size() + 1);
  const double low = lattice.at_least(tail_end(values, end_rows, true)),
               high = lattice.at_most(tail_end(values, end_rows, false));
  if (kept.empty()) {
    support.low = low;
    support.high = std::max(low, high);
    support.gaps.front() = {0, 0};
    return support;
  }
  support.low = support.kept.front();
  support.high = support.kept.back();
  if (list) return support;
  const auto weight = [&](std::size_t i) {
    return values[kept[i]].atom ? 0.0 : 0.5 * static_cast<double>(values[kept[i]].rows);
  };
  for (std::size_t gap = 0; gap <= kept.size(); ++gap) {
    const bool first = gap == 0, last = gap == kept.size();
    const std::size_t from = first ? 0 : kept[gap - 1] + 1, to = last ? values.size() : kept[gap];
    const std::int64_t rows = rows_of(values.subspan(from, to - from));
    const double start = first ? low : support.kept[gap - 1], end = last ? high : support.kept[gap];
    // Beyond an outermost kept value: rows enough that none of them shows.
    const double needs = (first || last ? 0.5 : 1.5) * lattice.step;
    const std::int64_t fewest = !(first || last) ? rarest : exact ? 1 : 2 * rarest;
    if (rows < fewest || end - start <= needs) continue;
    if (first) support.low = low;
    if (last) support.high = high;
    support.gaps[gap] = divided(first ? 0 : weight(gap - 1), static_cast<double>(rows),
                                last ? 0 : weight(gap), end - start, lattice.step);
  }
  return support;
}

}  // namespace agon
