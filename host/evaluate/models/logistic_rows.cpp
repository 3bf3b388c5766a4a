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

// Number of rows of both tables, of each level; the last is of cells without a value.
std::vector<std::int64_t> level_counts(std::size_t levels, const ComparedCells& a, const ComparedCells& b) {
  std::vector<std::int64_t> counts(levels + 1);
  for (const ComparedCells* cells : {&a, &b}) {
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

void place_number(Places& places, const ComparedCells& a, const ComparedCells& b, std::int64_t& width) {
  double count = 0, sum = 0, squares = 0;
  const auto over_numbers = [&](auto&& take) {
    for (const ComparedCells* cells : {&a, &b})
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

std::vector<Places> places_of(const ComparedTables& tables, const RecordSet& a, const RecordSet& b,
                              int fewest, std::int64_t& width) {
  std::vector<Places> all;
  for (std::size_t c = 0; c < tables.columns.size(); ++c) {
    Places places;
    const ComparedColumn& column = tables.columns[c];
    if (column.kind == ComparedColumn::Kind::number) place_number(places, a.columns[c], b.columns[c], width);
    place_levels(places, level_counts(column.levels.size(), a.columns[c], b.columns[c]), fewest, width);
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

SparseRows logistic_rows(const ComparedTables& tables, const RecordSet& a, const RecordSet& b, int fewest) {
  SparseRows rows;
  const std::vector<Places> places = places_of(tables, a, b, fewest, rows.width);
  for (const RecordSet* records : {&a, &b}) {
    for (std::size_t row = 0; row < static_cast<std::size_t>(records->rows); ++row) {
      for (std::size_t c = 0; c < places.size(); ++c) append_cell(rows, places[c], records->columns[c], row);
      rows.starts.push_back(static_cast<std::int64_t>(rows.places.size()));
    }
  }
  return rows;
}

}  // namespace agon::host
