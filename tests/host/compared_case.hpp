// Small tables for the tests of an evaluation, made by hand.
#pragma once

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"
#include "tests/golden/golden.hpp"

namespace agon::test::compared_case {

using host::ComparedCells;
using host::ComparedColumn;
using host::ComparedTables;
using host::RecordSet;

inline constexpr double kHole = std::numeric_limits<double>::quiet_NaN();

inline ComparedCells number_cells(std::vector<double> numbers) {
  ComparedCells cells{std::move(numbers), {}};
  for (const double x : cells.numbers)
    cells.levels.push_back(std::isnan(x) ? ComparedCells::kNone : ComparedCells::kNumber);
  return cells;
}

inline void add_cells(RecordSet& records, ComparedCells cells) {
  records.rows = static_cast<std::int64_t>(cells.levels.size());
  records.columns.push_back(std::move(cells));
}

/// A column of numbers; NaN is none. `held_out` is left out where it is empty.
inline void add_numbers(ComparedTables& tables, const std::string& name, std::vector<double> real,
                        std::vector<double> synthetic, std::vector<double> held_out = {}) {
  ComparedColumn column;
  column.name = name;
  tables.columns.push_back(column);
  add_cells(tables.real, number_cells(std::move(real)));
  add_cells(tables.synthetic, number_cells(std::move(synthetic)));
  if (held_out.empty()) return;
  if (!tables.held_out) tables.held_out.emplace();
  add_cells(*tables.held_out, number_cells(std::move(held_out)));
}

/// A column of levels; -1 is none.
inline void add_levels(ComparedTables& tables, const std::string& name, std::vector<std::string> levels,
                       std::vector<std::int32_t> real, std::vector<std::int32_t> synthetic,
                       std::vector<std::int32_t> held_out = {}) {
  ComparedColumn column;
  column.name = name;
  column.kind = ComparedColumn::Kind::nominal;
  column.levels = std::move(levels);
  tables.columns.push_back(column);
  add_cells(tables.real, {{}, std::move(real)});
  add_cells(tables.synthetic, {{}, std::move(synthetic)});
  if (held_out.empty()) return;
  if (!tables.held_out) tables.held_out.emplace();
  add_cells(*tables.held_out, {{}, std::move(held_out)});
}

/// Uniform whole numbers 0, ..., bound - 1.
inline std::vector<std::int32_t> drawn(std::uint64_t stream, std::size_t rows, std::uint64_t bound) {
  std::vector<std::int32_t> out(rows);
  for (std::size_t i = 0; i < rows; ++i) out[i] = static_cast<std::int32_t>(golden::word(stream, i) % bound);
  return out;
}

/// Bell-shaped numbers around `middle`, in steps of 0.1.
inline std::vector<double> bells(std::uint64_t stream, std::size_t rows, double middle = 0) {
  std::vector<double> out(rows);
  for (std::size_t i = 0; i < rows; ++i)
    out[i] = middle + std::round(10 * static_cast<double>(golden::bell(stream, i)) / 65536) / 10;
  return out;
}

/// What make_trees.py wrote.
inline nlohmann::json trees_golden() {
  std::ifstream file(std::string(AGON_SOURCE_FOLDER) + "/tests/golden/trees.json");
  return nlohmann::json::parse(file);
}

inline std::vector<double> numbers_in(const nlohmann::json& list) {
  std::vector<double> out;
  for (const auto& value : list) out.push_back(value.is_null() ? kHole : value.get<double>());
  return out;
}

/// The golden file's two tables.
inline ComparedTables golden_tables(const nlohmann::json& golden) {
  const auto first = golden["first_rows"].get<std::ptrdiff_t>();
  ComparedTables tables;
  const auto split = [&](const auto& all) {
    using Vector = std::decay_t<decltype(all)>;
    return std::pair{Vector(all.begin(), all.begin() + first), Vector(all.begin() + first, all.end())};
  };
  const auto levels_of = [&](const char* name) {
    return split(golden["columns"][name].get<std::vector<std::int32_t>>());
  };
  for (const char* name : {"age", "dose"}) {
    auto [real, synthetic] = split(numbers_in(golden["columns"][name]));
    add_numbers(tables, name, std::move(real), std::move(synthetic));
  }
  tables.columns[1].levels = {"<0.5", ">99"};
  std::tie(tables.real.columns[1].levels, tables.synthetic.columns[1].levels) = levels_of("mark");
  for (const char* name : {"ward", "sex"}) {
    auto [real, synthetic] = levels_of(name);
    add_levels(tables, name, std::vector<std::string>(name[0] == 'w' ? 10 : 2, name), std::move(real),
               std::move(synthetic));
  }
  return tables;
}

}  // namespace agon::test::compared_case
