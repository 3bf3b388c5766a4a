#include "host/evaluate/fidelity/column_figures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace agon::host {
namespace {

using Counts = std::span<const std::int64_t>;

double total_of(Counts counts) {
  return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
}

double share_of(double part, double whole) { return whole > 0 ? part / whole : 0; }

/// sup |F - G|, of counts of ascending values.
double largest_distance(Counts a, Counts b, double rows_a, double rows_b) {
  double largest = 0;
  std::int64_t below_a = 0, below_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    below_a += a[i], below_b += b[i];
    largest = std::max(
        largest, std::abs(static_cast<double>(below_a) / rows_a - static_cast<double>(below_b) / rows_b));
  }
  return largest;
}

double total_variation(Counts a, Counts b, double rows_a, double rows_b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += std::abs(static_cast<double>(a[i]) / rows_a - static_cast<double>(b[i]) / rows_b);
  return sum / 2;
}

double score_of(bool numeric, Counts reference, Counts sample) {
  const double rows_a = total_of(reference), rows_b = total_of(sample);
  if (rows_a == 0 && rows_b == 0) return std::numeric_limits<double>::quiet_NaN();
  if (rows_a == 0 || rows_b == 0) return 0;
  return 1 - (numeric ? largest_distance(reference, sample, rows_a, rows_b)
                      : total_variation(reference, sample, rows_a, rows_b));
}

std::int64_t outside_range(Counts reference, Counts sample) {
  std::size_t first = 0, last = reference.size();
  while (first < last && reference[first] == 0) ++first;
  while (last > first && reference[last - 1] == 0) --last;
  if (first == last) return 0;  // no range to be outside of
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < sample.size(); ++i)
    if (i < first || i >= last) rows += sample[i];
  return rows;
}

}  // namespace

ColumnFigures compare_column(const ValueSpace& space, const ValueCounts& reference,
                             const ValueCounts& sample) {
  const auto numbers = static_cast<std::size_t>(space.number_count());
  const Counts all_a = reference.of, all_b = sample.of;
  const Counts numbers_a = all_a.first(numbers), numbers_b = all_b.first(numbers);
  const Counts levels_a = all_a.subspan(numbers), levels_b = all_b.subspan(numbers);
  const double rows_a = total_of(all_a) + static_cast<double>(reference.none);
  const double rows_b = total_of(all_b) + static_cast<double>(sample.none);

  ColumnFigures figures;
  figures.score =
      score_of(space.numeric, space.numeric ? numbers_a : levels_a, space.numeric ? numbers_b : levels_b);
  figures.missing = share_of(static_cast<double>(sample.none), rows_b);
  if (space.numeric) figures.marked = share_of(total_of(levels_b), rows_b);
  figures.outside = share_of(static_cast<double>(outside_range(numbers_a, numbers_b)), rows_b);
  std::int64_t lost_rows = 0, invented = 0;
  for (std::size_t i = 0; i < levels_a.size(); ++i) {
    if (levels_a[i] > 0 && levels_b[i] == 0) ++figures.lost, lost_rows += levels_a[i];
    if (levels_a[i] == 0) invented += levels_b[i];
  }
  figures.lost_rows = share_of(static_cast<double>(lost_rows), rows_a);
  figures.invented = share_of(static_cast<double>(invented), rows_b);
  return figures;
}

}  // namespace agon::host
