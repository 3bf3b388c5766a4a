#include "host/evaluate/fidelity/contingency.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace agon::host {
namespace {

constexpr std::int64_t kMostCellsInPlace = 1 << 20;

/// A cell that occurs.
struct Cell {
  std::int64_t key = 0;  ///< first * second_codes + second
  std::int64_t count = 0;
};

std::vector<Cell> counted_in_place(const CountedCells& rows, std::int64_t first_codes,
                                   std::int64_t second_codes) {
  std::vector<std::uint32_t> counts(static_cast<std::size_t>(first_codes * second_codes));
  for (std::size_t row = 0; row < rows.times.size(); ++row)
    counts[static_cast<std::size_t>(rows.first[row] * second_codes + rows.second[row])] += rows.times[row];
  std::vector<Cell> cells;
  for (std::size_t key = 0; key < counts.size(); ++key)
    if (counts[key] > 0) cells.push_back({static_cast<std::int64_t>(key), counts[key]});
  return cells;
}

std::vector<Cell> counted_by_sorting(const CountedCells& rows, std::int64_t second_codes) {
  std::vector<Cell> all, cells;
  for (std::size_t row = 0; row < rows.times.size(); ++row)
    if (rows.times[row] > 0)
      all.push_back({rows.first[row] * second_codes + rows.second[row], rows.times[row]});
  std::ranges::sort(all, {}, &Cell::key);
  for (const Cell& cell : all) {
    if (!cells.empty() && cells.back().key == cell.key)
      cells.back().count += cell.count;
    else
      cells.push_back(cell);
  }
  return cells;
}

double rows_of(const std::vector<Cell>& cells) {
  std::int64_t rows = 0;
  for (const Cell& cell : cells) rows += cell.count;
  return static_cast<double>(rows);
}

/// Of two lists of cells, ascending.
double total_variation_of(const std::vector<Cell>& a, const std::vector<Cell>& b) {
  const double rows_a = rows_of(a), rows_b = rows_of(b);
  double sum = 0;
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    const std::int64_t key = i == a.size()   ? b[j].key
                             : j == b.size() ? a[i].key
                                             : std::min(a[i].key, b[j].key);
    const double p = i < a.size() && a[i].key == key ? static_cast<double>(a[i++].count) / rows_a : 0;
    const double q = j < b.size() && b[j].key == key ? static_cast<double>(b[j++].count) / rows_b : 0;
    sum += std::abs(p - q);
  }
  return sum / 2;
}

/// sqrt(chi^2 / n / (k - 1)), k the smaller number of codes that occur; chi^2 / n is the sum of
/// count^2 / (row total * column total), less 1. Source: Cramer, "Mathematical Methods of Statistics" (1946),
/// section 21.9.
double cramers_v(const std::vector<Cell>& cells, std::int64_t first_codes, std::int64_t second_codes) {
  std::vector<double> first(static_cast<std::size_t>(first_codes)),
      second(static_cast<std::size_t>(second_codes));
  const auto row_of = [&](const Cell& cell) { return static_cast<std::size_t>(cell.key / second_codes); };
  const auto column_of = [&](const Cell& cell) { return static_cast<std::size_t>(cell.key % second_codes); };
  for (const Cell& cell : cells) {
    first[row_of(cell)] += static_cast<double>(cell.count);
    second[column_of(cell)] += static_cast<double>(cell.count);
  }
  const auto occurs = [](double count) { return count > 0; };
  const auto least = std::min(std::ranges::count_if(first, occurs), std::ranges::count_if(second, occurs));
  if (least < 2) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const Cell& cell : cells) {
    const auto count = static_cast<double>(cell.count);
    sum += count / first[row_of(cell)] * (count / second[column_of(cell)]);
  }
  return std::sqrt(std::clamp((sum - 1) / static_cast<double>(least - 1), 0.0, 1.0));
}

}  // namespace

ContingencyFigures compare_contingency(const CountedCells& reference, const CountedCells& sample,
                                       std::int32_t first_codes, std::int32_t second_codes) {
  const std::int64_t first = first_codes, second = second_codes;
  const auto counted = [&](const CountedCells& rows) {
    return first * second <= kMostCellsInPlace ? counted_in_place(rows, first, second)
                                               : counted_by_sorting(rows, second);
  };
  const std::vector<Cell> a = counted(reference), b = counted(sample);
  ContingencyFigures figures;
  figures.similarity = a.empty() || b.empty() ? 0 : 1 - total_variation_of(a, b);
  figures.reference = cramers_v(a, first, second);
  figures.sample = cramers_v(b, first, second);
  return figures;
}

}  // namespace agon::host
