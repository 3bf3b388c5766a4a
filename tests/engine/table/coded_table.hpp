// Small tables in memory, and what a perfect generator would draw from their codes.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/table/coding.hpp"
#include "kernels/error.hpp"

namespace agon::coded {

using Cells = std::vector<std::string>;

/// A column's cells and its schema, whose name is set from `name`.
struct ColumnOf {
  std::string name;
  ColumnSchema schema;
  Cells cells;
};

struct TableOf {
  TextTable table;
  Schema schema;
};

inline TableOf table_of(const std::vector<ColumnOf>& columns, std::int64_t rarest = 5) {
  TableOf made;
  const auto letters = std::make_shared<std::deque<std::string>>();
  made.table.storage.push_back(letters);
  made.schema.rarest = rarest;
  for (const ColumnOf& column : columns) {
    std::vector<std::string_view> cells;
    for (const std::string& cell : column.cells) cells.push_back(letters->emplace_back(cell));
    made.table.columns.push_back(column_of(column.name, cells));
    made.table.rows = static_cast<std::int64_t>(cells.size());
    made.schema.columns.push_back(column.schema);
    made.schema.columns.back().name = column.name;
  }
  return made;
}

inline ColumnSchema number_schema(int decimals, ColumnKind kind = ColumnKind::continuous) {
  ColumnSchema schema;
  schema.kind = kind;
  schema.number.decimals = schema.number.printed_decimals = schema.number.fewest_decimals = decimals;
  schema.missing = {""};
  return schema;
}

inline ColumnSchema word_schema(ColumnKind kind = ColumnKind::category) {
  ColumnSchema schema;
  schema.kind = kind;
  schema.missing = {""};
  return schema;
}

inline std::string spelled(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// The rows' own codes, and for each rank a fresh number of its interval.
inline DrawnRows drawn_from(const CodedRows& coded, std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(0, 1);
  DrawnRows drawn{coded.rows, coded.codes, {}};
  for (const std::uint32_t rank : coded.ranks) {
    const float low = coded.cumulative[rank], high = coded.cumulative[rank + 1];
    drawn.ranks.push_back(low + uniform(generator) * (high - low));
  }
  return drawn;
}

/// Any codes and ranks at all.
inline DrawnRows random_rows(const RecordLayout& layout, std::int64_t rows, std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(0, 1);
  DrawnRows drawn{rows, {}, {}};
  for (std::int64_t row = 0; row < rows; ++row) {
    for (const std::int64_t levels : layout.heads)
      drawn.codes.push_back(static_cast<std::uint16_t>(generator() % static_cast<std::uint64_t>(levels)));
    for (std::int64_t i = 0; i < layout.numbers(); ++i) drawn.ranks.push_back(uniform(generator));
  }
  return drawn;
}

inline Cells cells_of(const TextTable& table, std::string_view name) {
  const std::int64_t column = table.find(name);
  Cells cells;
  for (std::int64_t row = 0; row < table.rows && column >= 0; ++row)
    cells.emplace_back(table.columns[static_cast<std::size_t>(column)].at(row));
  return cells;
}

inline Coding fitted(const TableOf& made, const CodingOptions& options = {}) {
  return Coding::fit(made.table, made.schema, Device::cpu(), options);
}

/// The column as it comes back from its own codes.
inline Cells there_and_back(const TableOf& made, std::string_view name, std::uint32_t seed = 1) {
  const Coding coding = fitted(made);
  return cells_of(coding.decode(drawn_from(coding.encode(made.table), seed), 7), name);
}

/// NaN of an empty cell.
inline double number_of(const std::string& cell) {
  return cell.empty() ? NAN : std::strtod(cell.c_str(), nullptr);
}

/// Kolmogorov and Smirnov's statistic of two samples.
inline double ks_distance(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double most = 0;
  for (const double x : a) {
    const auto below = [&](const std::vector<double>& of) {
      return static_cast<double>(std::upper_bound(of.begin(), of.end(), x) - of.begin()) /
             static_cast<double>(of.size());
    };
    most = std::max(most, std::abs(below(a) - below(b)));
  }
  return most;
}

}  // namespace agon::coded
