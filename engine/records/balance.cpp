#include "engine/records/balance.hpp"

#include <algorithm>

#include "engine/runtime/public_errors.hpp"
#include "engine/table/cell_text.hpp"
#include "engine/table/suggestion.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

const DrawnColumn& column_of_levels(std::string_view name, const std::vector<DrawnColumn>& columns) {
  const auto its = std::ranges::find_if(columns, [&](const DrawnColumn& c) { return c.schema.name == name; });
  if (its == columns.end()) {
    std::vector<std::string> names;
    for (const DrawnColumn& column : columns) names.push_back(column.schema.name);
    throw ConfigurationError("no column " + quoted_text(name) + " is drawn" + suggestion(name, names));
  }
  const std::string column(name);
  if (its->holds == DrawnColumn::Holds::numbers)
    throw ConfigurationError(column + " is " + std::string(to_string(its->schema.kind)) +
                             ", which has no levels; draw each range of it by a condition, such as \"" +
                             column + " >= ...\"");
  if (its->holds == DrawnColumn::Holds::copies)
    throw ConfigurationError(column + " repeats another column; balance by that one");
  if (its->holds == DrawnColumn::Holds::names)
    throw ConfigurationError(column + " names each record: it has no levels");
  return *its;
}

}  // namespace

Balance::Balance(std::string_view column, const Coding& coding) : column_(column) {
  const std::vector<DrawnColumn> columns = coding.drawn_columns();
  for (const std::string& level : column_of_levels(column, columns).levels) levels_.push_back({level, 0, 0});
}

void Balance::share_out(std::int64_t count, std::span<const Conditions> conditions) {
  if (count < 0) throw ConfigurationError("a number of records cannot be negative, " + std::to_string(count));
  std::vector<std::string_view> names;
  for (const Level& level : levels_) names.push_back(level.name);
  TextTable table;
  table.columns.push_back(column_of(column_, names));
  table.rows = std::ssize(names);
  std::vector<char> allowed(names.size(), 1);
  for (const Conditions& one : conditions) one.apply_to_column(table, allowed);
  std::int64_t left = std::ranges::count(allowed, 1), rest = count;
  if (left == 0) throw ConfigurationError("the conditions leave no level of " + column_);
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    levels_[i].taken = 0;
    levels_[i].wanted = allowed[i] ? (rest + left - 1) / left : 0;
    rest -= levels_[i].wanted;
    left -= allowed[i];
  }
}

void Balance::look_at(const TextTable& records) {
  const TextColumn& column = required_column(records, column_);
  std::unordered_map<std::string_view, std::int64_t> places;
  for (std::size_t i = 0; i < levels_.size(); ++i)
    places.emplace(levels_[i].name, static_cast<std::int64_t>(i));
  level_of_spelling_.clear();
  for (const std::string_view spelling : column.spellings) {
    const auto place = places.find(spelling);
    level_of_spelling_.push_back(place == places.end() ? -1 : place->second);
  }
  cells_ = column.cells;
}

bool Balance::wants(std::int64_t row) const {
  require_index("Balance", "row", row, std::ssize(cells_));
  const std::int64_t level = level_of_spelling_[cells_[static_cast<std::size_t>(row)]];
  if (level < 0) return false;
  const Level& its = levels_[static_cast<std::size_t>(level)];
  return its.taken < its.wanted;
}

void Balance::take(std::int64_t row) {
  require_index("Balance", "row", row, std::ssize(cells_));
  const std::int64_t level = level_of_spelling_[cells_[static_cast<std::size_t>(row)]];
  if (level < 0) throw ConfigurationError("Balance: row " + std::to_string(row) + " has no level to count");
  ++levels_[static_cast<std::size_t>(level)].taken;
}

const Balance::Level* Balance::scarcest() const {
  const Level* found = nullptr;
  for (const Level& level : levels_)
    if (level.taken < level.wanted && (found == nullptr || level.taken < found->taken)) found = &level;
  return found;
}

}  // namespace agon
