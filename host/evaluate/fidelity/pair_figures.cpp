#include "host/evaluate/fidelity/pair_figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/table/table_fit.hpp"
#include "host/evaluate/fidelity/contingency.hpp"

namespace agon::host {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kBins = 10;

/// For each number of the space its bin; kBins is the greatest's. Numbers that the sample has not may have
/// any. Edges as numpy.histogram_bin_edges makes them: one bin around a constant column.
std::vector<std::int32_t> equal_bins_of(const ValueSpace& space, const ValueCounts& counts) {
  const std::size_t numbers = space.numbers.size();
  std::size_t first = 0, last = numbers;
  while (first < numbers && counts.of[first] == 0) ++first;
  while (last > first && counts.of[last - 1] == 0) --last;
  std::vector<std::int32_t> bins(numbers, 0);
  if (first == last) return bins;
  double low = space.numbers[first], high = space.numbers[last - 1];
  if (low == high) low -= 0.5, high += 0.5;
  const double step = (high - low) / static_cast<double>(kBins);
  std::size_t bin = 0;
  for (std::size_t i = first; i < last; ++i) {
    const auto edge = [&](std::size_t k) { return k == kBins ? high : static_cast<double>(k) * step + low; };
    while (bin < kBins && space.numbers[i] >= edge(bin + 1)) ++bin;
    bins[i] = static_cast<std::int32_t>(bin);
  }
  return bins;
}

/// For each number of the space, whether the reference has it or not, its tenth of the reference's numbers.
std::vector<std::int32_t> tenths_of(const ValueSpace& space, const ValueCounts& reference) {
  const std::size_t numbers = space.numbers.size();
  std::int64_t all = 0, below = 0;
  for (std::size_t i = 0; i < numbers; ++i) all += reference.of[i];
  std::vector<std::int32_t> tenths(numbers, 0);
  constexpr auto kTenths = static_cast<std::int64_t>(kBins);
  for (std::size_t i = 0; i < numbers && all > 0; ++i) {
    const std::int64_t middle = 2 * below + reference.of[i];  // of 2 * all
    tenths[i] = static_cast<std::int32_t>(std::min(kTenths - 1, kTenths * middle / (2 * all)));
    below += reference.of[i];
  }
  return tenths;
}

/// A code for each of a numeric column's cells: its number's, `none`, or one of the marks' behind that.
std::vector<std::int32_t> codes_of(const std::vector<std::int32_t>& values,
                                   const std::vector<std::int32_t>& of_number, std::int32_t none) {
  const auto numbers = static_cast<std::int32_t>(of_number.size());
  std::vector<std::int32_t> codes(values.size());
  for (std::size_t row = 0; row < values.size(); ++row) {
    const std::int32_t value = values[row];
    codes[row] = value == CodedCells::kNone ? none
                 : value >= numbers         ? none + 1 + value - numbers
                                            : of_number[static_cast<std::size_t>(value)];
  }
  return codes;
}

void add_codes(const RowSample& sample, const RowSample& reference, const ValueSpace& space, std::size_t c,
               PairSample::Column& column) {
  const std::vector<std::int32_t>& values = sample.records->columns[c].values;
  if (!space.numeric) {
    column.codes = space.levels + 1;
    column.code = values;
    std::ranges::replace(column.code, CodedCells::kNone, space.levels);
    return;
  }
  constexpr auto kGreatest = static_cast<std::int32_t>(kBins);  // a bin to SDMetrics, that of no value, too
  const ValueCounts counts = count_values(sample, c, space);
  column.codes = kGreatest + 1 + space.levels;
  column.code = codes_of(values, equal_bins_of(space, counts), kGreatest);
  column.tenth = codes_of(values, tenths_of(space, count_values(reference, c, space)), kGreatest);
  const auto present = std::count_if(counts.of.begin(), counts.of.begin() + space.number_count(),
                                     [](std::int64_t count) { return count > 0; });
  column.constant = present < 2;
}

void add_moments(const RowSample& sample, const CodedCells& cells, PairSample::Column& column) {
  const std::size_t rows = cells.standardised.size();
  column.weighted.resize(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    column.weighted[row] = static_cast<double>(sample.times[row]) * cells.standardised[row];
    column.sum += column.weighted[row];
    column.squares += column.weighted[row] * cells.standardised[row];
  }
}

/// In eight sums, which a compiler keeps in vector registers without being allowed to reorder additions.
double product_sum(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  for (; i < a.size(); ++i) sums[0] += a[i] * b[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

/// Sums over rows that have both numbers.
struct Moments {
  double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;

  double coefficient() const {
    const double vx = xx - x * x / n, vy = yy - y * y / n, c = xy - x * y / n;
    return vx > 0 && vy > 0 ? std::clamp(c / std::sqrt(vx) / std::sqrt(vy), -1.0, 1.0) : kUndefined;
  }
};

/// Where some cells are no numbers.
double correlation_with_holes(const PairSample& sample, std::size_t a, std::size_t b,
                              const std::vector<ValueSpace>& spaces) {
  const CodedCells& left = sample.sample->records->columns[a];
  const CodedCells& right = sample.sample->records->columns[b];
  const std::int32_t numbers_a = spaces[a].number_count(), numbers_b = spaces[b].number_count();
  Moments sums;
  std::int32_t first_a = -1, first_b = -1;
  bool varies_a = false, varies_b = false;
  for (std::size_t row = 0; row < left.values.size(); ++row) {
    const std::int32_t value_a = left.values[row], value_b = right.values[row];
    const auto times = static_cast<double>(sample.sample->times[row]);
    if (times == 0 || value_a < 0 || value_b < 0 || value_a >= numbers_a || value_b >= numbers_b) continue;
    if (first_a < 0) first_a = value_a, first_b = value_b;
    varies_a = varies_a || value_a != first_a, varies_b = varies_b || value_b != first_b;
    const double x = left.standardised[row], y = right.standardised[row];
    sums.n += times;
    sums.x += times * x, sums.y += times * y;
    sums.xx += times * x * x, sums.yy += times * y * y, sums.xy += times * x * y;
  }
  return varies_a && varies_b ? sums.coefficient() : kUndefined;
}

double similarity_of(double r, double s) {
  if (std::isnan(r) && std::isnan(s)) return kUndefined;
  return std::isnan(r) || std::isnan(s) ? 0 : 1 - std::abs(r - s) / 2;
}

}  // namespace

PairSample prepare_pairs(const RowSample& sample, const RowSample& reference,
                         const std::vector<ValueSpace>& spaces) {
  PairSample pairs;
  pairs.sample = &sample;
  pairs.columns.resize(spaces.size());
  for_columns(spaces.size(), [&](std::size_t c) {
    add_codes(sample, reference, spaces[c], c, pairs.columns[c]);
    if (spaces[c].numeric) add_moments(sample, sample.records->columns[c], pairs.columns[c]);
  });
  return pairs;
}

double correlation(const PairSample& sample, std::size_t a, std::size_t b,
                   const std::vector<ValueSpace>& spaces) {
  const PairSample::Column &left = sample.columns[a], &right = sample.columns[b];
  if (left.constant || right.constant) return kUndefined;
  const std::vector<CodedCells>& columns = sample.sample->records->columns;
  if (!columns[a].all_numbers || !columns[b].all_numbers) return correlation_with_holes(sample, a, b, spaces);
  return Moments{
      static_cast<double>(sample.sample->rows),           left.sum, right.sum, left.squares, right.squares,
      product_sum(left.weighted, columns[b].standardised)}
      .coefficient();
}

PairFigures compare_pair(const std::vector<ValueSpace>& spaces, const PairSample& reference,
                         const PairSample& sample, std::size_t a, std::size_t b) {
  const std::int32_t codes_a = reference.columns[a].codes, codes_b = reference.columns[b].codes;
  const auto by_tenths = [&](const PairSample& of) {
    return CountedCells{of.tenths(a), of.tenths(b), of.sample->times};
  };
  const ContingencyFigures tenths =
      compare_contingency(by_tenths(reference), by_tenths(sample), codes_a, codes_b);
  if (!spaces[a].numeric && !spaces[b].numeric)
    return {tenths.similarity, tenths.similarity, tenths.reference, tenths.sample};
  if (spaces[a].numeric && spaces[b].numeric) {
    const double r = correlation(reference, a, b, spaces), s = correlation(sample, a, b, spaces);
    return {similarity_of(r, s), tenths.similarity, r, s};
  }
  const auto by_bins = [&](const PairSample& of) {
    return CountedCells{of.columns[a].code, of.columns[b].code, of.sample->times};
  };
  const ContingencyFigures bins = compare_contingency(by_bins(reference), by_bins(sample), codes_a, codes_b);
  return {bins.similarity, tenths.similarity, bins.reference, bins.sample};
}

}  // namespace agon::host
