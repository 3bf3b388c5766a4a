// Tables as sparse rows: standardised numbers and one-hot levels.
#include <cmath>

#include "host/evaluate/models/logistic.hpp"

namespace agon::host {
namespace {

// Where a column's entries go.
struct Places {
  std::int32_t number = -1;          // -1: none, or a constant
  std::int32_t none = -1;            // -1: every cell has a value
  std::vector<std::int32_t> levels;  // -1: no row has it
  double mean = 0, deviation = 1;    // of the numbers
};

// A column's cells in each of the tables.
using ColumnCells = std::vector<const ComparedCells*>;

// Number of rows of all tables, of each level; the last is of cells without a value.
std::vector<std::int64_t> level_counts(std::size_t levels, const ColumnCells& all) {
  std::vector<std::int64_t> counts(levels + 1);
  for (const ComparedCells* cells : all) {
    for (const std::int32_t level : cells->levels) {
      if (level == ComparedCells::kNumber) continue;
      ++counts[level == ComparedCells::kNone ? levels : static_cast<std::size_t>(level)];
    }
  }
  return counts;
}

void place_levels(Places& places, const std::vector<std::int64_t>& counts, int fewest, std::int64_t& width) {
  std::int32_t rare = -1;
  places.levels.resize(counts.size());
  for (std::size_t level = 0; level < counts.size(); ++level) {
    std::int32_t& place = places.levels[level];
    if (counts[level] >= fewest)
      place = static_cast<std::int32_t>(width++);
    else if (counts[level] > 0)
      place = rare = rare < 0 ? static_cast<std::int32_t>(width++) : rare;
    else
      place = -1;
  }
  places.none = places.levels.back();
  places.levels.pop_back();
}

void place_number(Places& places, const ColumnCells& all, std::int64_t& width) {
  double count = 0, sum = 0, squares = 0;
  const auto over_numbers = [&](auto&& take) {
    for (const ComparedCells* cells : all)
      for (const double x : cells->numbers)
        if (!std::isnan(x)) take(x);
  };
  over_numbers([&](double x) { sum += x, ++count; });
  if (count == 0) return;
  places.mean = sum / count;
  over_numbers([&](double x) { squares += (x - places.mean) * (x - places.mean); });
  places.deviation = std::sqrt(squares / count);
  const bool varies = places.deviation > 1e-12 * std::abs(places.mean) && std::isfinite(places.deviation);
  if (varies) places.number = static_cast<std::int32_t>(width++);
}

// Of the columns `which`.
std::vector<Places> places_of(const ComparedTables& tables, std::span<const RecordSet* const> records,
                              const std::vector<std::size_t>& which, int fewest, std::int64_t& width) {
  std::vector<Places> all;
  for (const std::size_t c : which) {
    ColumnCells cells;
    for (const RecordSet* one : records) cells.push_back(&one->columns[c]);
    Places places;
    const ComparedColumn& column = tables.columns[c];
    if (column.kind == ComparedColumn::Kind::number) place_number(places, cells, width);
    place_levels(places, level_counts(column.levels.size(), cells), fewest, width);
    all.push_back(std::move(places));
  }
  return all;
}

void append_cell(SparseRows& rows, const Places& places, const ComparedCells& cells, std::size_t row) {
  const auto add = [&](std::int32_t place, double value) {
    if (place < 0) return;
    rows.places.push_back(place);
    rows.values.push_back(value);
  };
  const std::int32_t level = cells.levels[row];
  if (level == ComparedCells::kNumber)
    add(places.number, (cells.numbers[row] - places.mean) / places.deviation);
  else
    add(level == ComparedCells::kNone ? places.none : places.levels[static_cast<std::size_t>(level)], 1);
}

}  // namespace

SparseRows logistic_rows(const ComparedTables& tables, std::span<const RecordSet* const> records,
                         std::int32_t without, int fewest) {
  std::vector<std::size_t> which;
  for (std::size_t c = 0; c < tables.columns.size(); ++c)
    if (static_cast<std::int32_t>(c) != without) which.push_back(c);
  SparseRows rows;
  const std::vector<Places> places = places_of(tables, records, which, fewest, rows.width);
  for (const RecordSet* table : records) {
    for (std::size_t row = 0; row < static_cast<std::size_t>(table->rows); ++row) {
      for (std::size_t i = 0; i < which.size(); ++i)
        append_cell(rows, places[i], table->columns[which[i]], row);
      rows.starts.push_back(static_cast<std::int64_t>(rows.places.size()));
    }
  }
  return rows;
}

}  // namespace agon::host
