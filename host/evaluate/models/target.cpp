#include "host/evaluate/models/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/evaluate/tables/level_counts.hpp"
#include "host/evaluate/tables/named_column.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

const ComparedCells& cells_of(const Target& target, const RecordSet& records) {
  return records.columns[static_cast<std::size_t>(target.column)];
}

bool varies(const ComparedColumn& column, const ComparedCells& real) {
  const bool number = column.kind == ComparedColumn::Kind::number;
  bool found = false;
  double first = 0;
  for (std::size_t row = 0; row < real.levels.size(); ++row) {
    if (number ? std::isnan(real.numbers[row]) : real.levels[row] < 0) continue;
    const double value = number ? real.numbers[row] : real.levels[row];
    if (found && value != first) return true;
    found = true;
    first = value;
  }
  return false;
}

std::string those_that_vary(const ComparedTables& tables) {
  std::string names;
  for (std::size_t c = 0; c < tables.columns.size(); ++c)
    if (varies(tables.columns[c], tables.real.columns[c]))
      names += (names.empty() ? "" : ", ") + in_quotes(tables.columns[c].name);
  return names.empty() ? "there are none that vary" : "can be: " + names;
}

// Classes by the real table's counts: the commonest have their own, the others share the last.
void find_classes(Target& target, const ComparedColumn& column, const ComparedCells& real) {
  const std::vector<std::int64_t> counts = level_counts(real, column.levels.size());
  const std::vector<std::size_t> order = commonest_first(counts);
  const auto own = [&](std::size_t level) { return counts[level] >= Target::kFewestRows; };
  const bool all_own = counts.size() <= Target::kMostClasses && std::ranges::all_of(order, own);
  const std::size_t most = all_own ? counts.size() : Target::kMostClasses - 1;
  target.class_of_level.assign(counts.size(), -1);
  std::vector<std::int64_t> rows;
  for (const std::size_t level : order) {
    if (target.classes.size() == most || !own(level)) break;
    target.class_of_level[level] = target.count();
    target.classes.push_back(column.levels[level]);
    rows.push_back(counts[level]);
  }
  if (!all_own) {
    std::int64_t pooled = 0;
    for (std::size_t level = 0; level < counts.size(); ++level)
      if (target.class_of_level[level] < 0) pooled += counts[level];
    std::ranges::replace(target.class_of_level, -1, target.count());
    target.classes.push_back("(rarer ones)");
    rows.push_back(pooled);
  }
  if (target.count() < 2 || rows[1] == 0)
    throw DataError(fmt::format("--target: {} has no two values with {} or more rows of the real table",
                                in_quotes(column.name), Target::kFewestRows));
  if (target.count() == 2 || (target.count() == 3 && rows[2] == 0)) target.rarer = rows[1] <= rows[0] ? 1 : 0;
}

}  // namespace

Target find_target(const ComparedTables& tables, const std::string& name) {
  Target target;
  target.column = named_column(tables, "--target", name, those_that_vary(tables));
  const ComparedColumn& column = tables.columns[static_cast<std::size_t>(target.column)];
  const ComparedCells& real = cells_of(target, tables.real);
  if (!varies(column, real))
    throw DataError(fmt::format("--target: {} has one value, or none, in the real table; {}", in_quotes(name),
                                those_that_vary(tables)));
  if (tables.width() < 2) throw ConfigurationError("--target: there is no other column to foretell it from");
  target.is_class = column.kind == ComparedColumn::Kind::nominal;
  if (target.is_class) find_classes(target, column, real);
  return target;
}

std::vector<std::int64_t> rows_with(const Target& target, const RecordSet& records) {
  const ComparedCells& cells = cells_of(target, records);
  std::vector<std::int64_t> rows;
  for (std::size_t row = 0; row < cells.levels.size(); ++row)
    if (target.is_class ? cells.levels[row] >= 0 : std::isfinite(cells.numbers[row]))
      rows.push_back(static_cast<std::int64_t>(row));
  return rows;
}

std::vector<std::int32_t> classes_of(const Target& target, const RecordSet& records) {
  std::vector<std::int32_t> classes;
  for (const std::int32_t level : cells_of(target, records).levels)
    classes.push_back(target.class_of_level[static_cast<std::size_t>(level)]);
  return classes;
}

const std::vector<double>& numbers_of(const Target& target, const RecordSet& records) {
  return cells_of(target, records).numbers;
}

}  // namespace agon::host
