#include "host/evaluate/distances/distance_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

namespace agon::host {
namespace {

struct ValueRange {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

ValueRange range_of_numbers(const ComparedCells& cells) {
  ValueRange range;
  for (const double value : cells.numbers) {
    if (!std::isfinite(value)) continue;
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  }
  return range;
}

/// Every table's rows with the same function: append(table's cells, table's distance rows).
template <class Append>
void for_each_table(const ComparedTables& from, DistanceTables& to, Append append) {
  append(from.real, to.real);
  append(from.synthetic, to.synthetic);
  if (from.held_out) append(*from.held_out, *to.held_out);
}

void append_numbers(const ComparedTables& from, std::int64_t c, DistanceTables& to) {
  constexpr double kFarthest = 1e15;  // its square, summed over columns, is a float
  const ValueRange range = range_of_numbers(from.real.columns[c]);
  const double low = std::isfinite(range.low) ? range.low / 2 : 0;  // halves: no difference overflows
  const double width = range.high > range.low ? range.high / 2 - low : 0.5;
  for_each_table(from, to, [&](const RecordSet& records, DistanceRows& rows) {
    for (const double value : records.columns[c].numbers)
      rows.numbers.push_back(std::isfinite(value) ? static_cast<float>(std::clamp((value / 2 - low) / width,
                                                                                  -kFarthest, kFarthest))
                                                  : -1.0f);
  });
  to.space.number_columns.push_back(c);
}

/// `level_of`(table, row): the dimension that is 1, or DistanceRows::kZero.
template <class LevelOf>
void append_block(const ComparedTables& from, std::int64_t c, std::int32_t levels, LevelOf level_of,
                  DistanceTables& to) {
  DistanceSpace::Block block{.column = c, .levels = levels, .has_zero = false};
  for_each_table(from, to, [&](const RecordSet& records, DistanceRows& rows) {
    for (std::int64_t i = 0; i < records.rows; ++i) {
      const std::int32_t level = level_of(records, i);
      block.has_zero |= level == DistanceRows::kZero;
      rows.levels.push_back(level);
    }
  });
  to.space.blocks.push_back(block);
}

void append_nominal(const ComparedTables& from, std::int64_t c, DistanceTables& to) {
  const std::int32_t known = from.columns[c].real_levels;
  append_block(
      from, c, known,
      [c, known](const RecordSet& records, std::int64_t i) {
        const std::int32_t level = records.columns[c].levels[i];
        return level >= 0 && level < known ? level : DistanceRows::kZero;
      },
      to);
}

/// What a number column's cells are that hold no number: 0: none, from 1 on: spellings of the real table.
std::int32_t state_of(const ComparedCells& cells, std::int64_t i, std::int32_t known) {
  const std::int32_t level = cells.levels.empty() ? ComparedCells::kNumber : cells.levels[i];
  if (level >= 0) return level < known ? level + 1 : DistanceRows::kZero;
  return std::isfinite(cells.numbers[i]) ? DistanceRows::kZero : 0;
}

void append_states(const ComparedTables& from, std::int64_t c, DistanceTables& to) {
  const std::int32_t known = from.columns[c].real_levels;
  const ComparedCells& real = from.real.columns[c];
  bool any = known > 0;
  for (std::int64_t i = 0; i < from.real.rows && !any; ++i)
    any = state_of(real, i, known) != DistanceRows::kZero;
  if (!any) return;
  append_block(
      from, c, known + 1,
      [c, known](const RecordSet& records, std::int64_t i) { return state_of(records.columns[c], i, known); },
      to);
}

template <class T>
void append_part(const std::vector<T>& from, std::int64_t rows, const std::vector<std::int64_t>& which,
                 std::vector<T>& to) {
  for (std::size_t first = 0; first < from.size(); first += static_cast<std::size_t>(rows))
    for (const std::int64_t i : which) to.push_back(from[first + static_cast<std::size_t>(i)]);
}

/// Which dimensions are kept, as a copy of their values.
template <class T>
std::vector<T> kept_columns(const std::vector<T>& from, std::int64_t rows, const std::vector<bool>& keep) {
  std::vector<T> to;
  for (std::size_t c = 0; c < keep.size(); ++c) {
    const auto first = from.begin() + static_cast<std::ptrdiff_t>(c) * rows;
    if (keep[c]) to.insert(to.end(), first, first + rows);
  }
  return to;
}

/// value[i] += the squared distance of row i's block to the mean of `of`'s.
void add_block_to_mean(std::span<const std::int32_t> levels, std::span<const std::int32_t> of,
                       std::int32_t count, std::vector<double>& value) {
  std::vector<double> mean(static_cast<std::size_t>(count));
  for (const std::int32_t level : of)
    if (level != DistanceRows::kZero) mean[level] += 1;
  double square = 0;
  for (double& share : mean) {
    share /= static_cast<double>(of.size());
    square += share * share;
  }
  for (std::size_t i = 0; i < levels.size(); ++i)
    value[i] += levels[i] == DistanceRows::kZero ? square : square + 1 - 2 * mean[levels[i]];
}

}  // namespace

std::int64_t DistanceSpace::dimensions() const {
  std::int64_t sum = numbers();
  for (const Block& block : blocks) sum += block.levels;
  return sum;
}

DistanceRows part(const DistanceRows& rows, const DistanceSpace& space,
                  const std::vector<std::int64_t>& which) {
  DistanceRows some;
  some.rows = static_cast<std::int64_t>(which.size());
  some.numbers.reserve(which.size() * space.number_columns.size());
  some.levels.reserve(which.size() * space.blocks.size());
  append_part(rows.numbers, rows.rows, which, some.numbers);
  append_part(rows.levels, rows.rows, which, some.levels);
  return some;
}

DistanceTables distance_tables(const ComparedTables& tables) {
  DistanceTables made;
  if (tables.held_out) made.held_out.emplace();
  for_each_table(tables, made,
                 [](const RecordSet& records, DistanceRows& rows) { rows.rows = records.rows; });
  for (std::int64_t c = 0; c < tables.width(); ++c) {
    if (tables.columns[c].kind == ComparedColumn::Kind::nominal) {
      append_nominal(tables, c, made);
    } else {
      append_numbers(tables, c, made);
      append_states(tables, c, made);
    }
  }
  return made;
}

DistanceTables without_column(const DistanceTables& tables, std::int64_t column) {
  DistanceTables rest;
  std::vector<bool> numbers, blocks;
  for (const std::int64_t c : tables.space.number_columns) {
    numbers.push_back(c != column);
    if (c != column) rest.space.number_columns.push_back(c);
  }
  for (const DistanceSpace::Block& block : tables.space.blocks) {
    blocks.push_back(block.column != column);
    if (block.column != column) rest.space.blocks.push_back(block);
  }
  const auto kept = [&](const DistanceRows& rows) {
    return DistanceRows{rows.rows, kept_columns(rows.numbers, rows.rows, numbers),
                        kept_columns(rows.levels, rows.rows, blocks)};
  };
  rest.real = kept(tables.real);
  rest.synthetic = kept(tables.synthetic);
  if (tables.held_out) rest.held_out = kept(*tables.held_out);
  return rest;
}

std::vector<double> squared_distances_to_mean(const DistanceRows& rows, const DistanceRows& of,
                                              const DistanceSpace& space) {
  std::vector<double> value(static_cast<std::size_t>(rows.rows));
  for (std::int64_t c = 0; c < space.numbers(); ++c) {
    const float* const from = of.numbers.data() + c * of.rows;
    double mean = 0;
    for (std::int64_t i = 0; i < of.rows; ++i) mean += from[i];
    mean /= static_cast<double>(of.rows);
    const float* const number = rows.numbers.data() + c * rows.rows;
    for (std::int64_t i = 0; i < rows.rows; ++i) value[i] += (number[i] - mean) * (number[i] - mean);
  }
  for (std::size_t b = 0; b < space.blocks.size(); ++b) {
    const auto n = static_cast<std::size_t>(rows.rows), m = static_cast<std::size_t>(of.rows);
    add_block_to_mean(std::span(rows.levels).subspan(b * n, n), std::span(of.levels).subspan(b * m, m),
                      space.blocks[b].levels, value);
  }
  return value;
}

}  // namespace agon::host
