#include "engine/table/column_values.hpp"

#include <algorithm>
#include <limits>

#include "engine/table/distinct.hpp"

namespace agon {
namespace {

using Cell = ReadColumn::Cell;

void add_numbers(ColumnValues& values, const Device& device) {
  std::vector<double> numbers;
  std::vector<std::uint32_t> spelling;
  for (std::uint32_t s = 0; s < values.counts.size(); ++s)
    if (values.counts[s] > 0 && values.read.cell[s] == Cell::value) {
      numbers.push_back(values.read.value[s]);
      spelling.push_back(s);
    }
  const Distinct found = distinct(numbers, device);
  for (const double value : found.values) values.meant.push_back({Cell::value, value, {}, 0});
  for (std::size_t i = 0; i < numbers.size(); ++i) values.meaning[spelling[i]] = found.index[i];
}

}  // namespace

std::size_t ColumnValues::values() const {
  return static_cast<std::size_t>(
      std::ranges::count(meant, Cell::value, [](const MeantValue& v) { return v.cell; }));
}

ColumnValues read_values(const TextColumn& column, const ColumnSchema& schema, const Device& device) {
  constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
  ColumnValues values{read_column(column, schema), column.counts(), {}, {}, &column};
  values.meaning.assign(values.counts.size(), ColumnValues::kUnused);
  const bool numeric = schema.is_number() || schema.is_moment();
  if (numeric) add_numbers(values, device);
  for (const Cell cell : {Cell::value, Cell::mark, Cell::missing})
    for (std::uint32_t s = 0; s < values.counts.size(); ++s) {
      if (values.counts[s] == 0 || values.read.cell[s] != cell || (numeric && cell == Cell::value)) continue;
      if (cell != Cell::missing || values.meant.empty() || values.meant.back().cell != Cell::missing)
        values.meant.push_back({cell, kNoNumber, {}, 0});
      values.meaning[s] = static_cast<std::uint32_t>(values.meant.size() - 1);
    }
  std::vector<std::int64_t> most(values.meant.size());
  for (std::size_t s = 0; s < values.counts.size(); ++s) {
    if (values.counts[s] == 0) continue;
    const std::uint32_t m = values.meaning[s];
    values.meant[m].rows += values.counts[s];
    if (values.counts[s] > most[m])
      values.meant[m].spelling = column.spellings[s], most[m] = values.counts[s];
  }
  return values;
}

bool is_sentinel(double value, const ColumnSchema& schema) {
  return std::ranges::find(schema.sentinels, value) != schema.sentinels.end();
}

std::vector<double> plain_numbers(const ColumnValues& values, const ColumnSchema& schema) {
  std::vector<double> of_spelling(values.counts.size());
  for (std::size_t s = 0; s < of_spelling.size(); ++s)
    of_spelling[s] = values.read.cell[s] == Cell::value && !is_sentinel(values.read.value[s], schema)
                         ? values.read.value[s]
                         : std::numeric_limits<double>::quiet_NaN();
  std::vector<double> numbers(values.column->cells.size());
  for (std::size_t row = 0; row < numbers.size(); ++row)
    numbers[row] = of_spelling[values.column->cells[row]];
  return numbers;
}

}  // namespace agon
