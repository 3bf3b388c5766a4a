#include "host/run/conditions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "host/config/suggestion.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

using Relation = Condition::Relation;

constexpr std::pair<std::string_view, Relation> kRelations[] = {
    {"!=", Relation::different}, {"<=", Relation::at_most}, {">=", Relation::at_least},
    {"==", Relation::equal},     {"=", Relation::equal},    {"<", Relation::less},
    {">", Relation::greater}};

[[noreturn]] void refuse(const std::string& what) { throw ConfigurationError("--where: " + what); }

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == text.npos ? "" : std::string(text.substr(first, text.find_last_not_of(" \t") + 1 - first));
}

/// Between commas that are not in double quotes.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (quoted) refuse("a quote is not closed in " + in_quotes(text));
  return parts;
}

Condition parse(const std::string& text) {
  const std::size_t at = text.find_first_of("!<>=");
  for (const auto& [sign, relation] : kRelations) {
    if (at == text.npos || text.compare(at, sign.size(), sign) != 0) continue;
    std::string value = trimmed(std::string_view(text).substr(at + sign.size()));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return {trimmed(std::string_view(text).substr(0, at)), relation, std::move(value)};
  }
  refuse("expected COLUMN=VALUE, or != < <= > >= in place of =, got " + in_quotes(trimmed(text)));
}

bool is_order(Relation relation) { return relation != Relation::equal && relation != Relation::different; }

bool holds(Relation relation, double value, double bound) {
  switch (relation) {
    case Relation::equal:
      return value == bound;
    case Relation::different:
      return value != bound;
    case Relation::less:
      return value < bound;
    case Relation::at_most:
      return value <= bound;
    case Relation::greater:
      return value > bound;
    case Relation::at_least:
      return value >= bound;
  }
  return false;
}

/// Levels of a column that records can have, where it is one of levels: the ends of the row's names.
std::vector<std::string> levels_of(const Coding& coding, const std::string& column) {
  std::vector<std::string> levels;
  const std::string begin = column + " = ";
  for (const std::string& name : coding.names())
    if (name.starts_with(begin)) levels.push_back(name.substr(begin.size()));
  return levels;
}

const ColumnSchema& column_named(const Coding& coding, const std::string& name) {
  std::vector<std::string> drawn;
  for (const TextColumn& column : coding.decode({}, 0).columns) drawn.push_back(column.name);
  if (std::ranges::find(drawn, name) == drawn.end())
    refuse(fmt::format("no column {} is drawn{}", in_quotes(name), suggestion(name, drawn)));
  return *std::ranges::find(coding.schema().columns, name, &ColumnSchema::name);
}

bool means_a_number(const ColumnSchema& schema) { return schema.is_number() || schema.is_moment(); }

}  // namespace

std::string Condition::text() const {
  for (const auto& [sign, its] : kRelations)
    if (its == relation && sign != "==") return fmt::format("{} {} {}", column, sign, value);
  return column;
}

Conditions::Conditions(std::string_view text, const Coding& coding) {
  if (trimmed(text).empty()) return;
  for (const std::string& part : split(text)) {
    Bound bound{parse(part), {}, false, std::numeric_limits<double>::quiet_NaN()};
    const Condition& condition = bound.condition;
    bound.schema = column_named(coding, condition.column);
    const std::string_view value = condition.value;
    const TextColumn one = column_of(condition.column, {&value, 1});
    ReadColumn read;
    try {
      read = read_column(one, bound.schema);
    } catch (const DataError&) {
      refuse(fmt::format("{} is {}, and {} is none", condition.column, to_string(bound.schema.kind),
                         in_quotes(value)));
    }
    bound.is_hole = value.empty() || read.cell.front() == ReadColumn::Cell::missing;
    if (!bound.is_hole && read.cell.front() == ReadColumn::Cell::value && means_a_number(bound.schema))
      bound.number = read.value.front();
    if (is_order(condition.relation) && std::isnan(bound.number))
      refuse(fmt::format("{}: only numbers, dates and times have an order", condition.text()));
    const std::vector<std::string> levels = levels_of(coding, condition.column);
    const bool one_of_levels = !bound.is_hole && std::isnan(bound.number) && !levels.empty();
    if (one_of_levels && std::ranges::find(levels, value) == levels.end())
      refuse(fmt::format(
          "no record has {} in {}{}; it has {}", in_quotes(value), condition.column,
          suggestion(value, levels),
          fmt::join(levels.begin(), levels.begin() + std::min<std::ptrdiff_t>(std::ssize(levels), 8), ", ")));
    conditions_.push_back(std::move(bound));
  }
}

std::string Conditions::text() const {
  std::string all;
  for (const Bound& bound : conditions_) all += (all.empty() ? "" : ", ") + bound.condition.text();
  return all;
}

/// Of each spelling of the column.
std::vector<bool> Conditions::fulfilled(const Bound& bound, const TextColumn& column) const {
  const ReadColumn read = read_column(column, bound.schema);
  const Relation relation = bound.condition.relation;
  std::vector<bool> all;
  for (std::size_t s = 0; s < column.spellings.size(); ++s) {
    const bool hole = read.cell[s] == ReadColumn::Cell::missing;
    if (bound.is_hole || hole) {
      all.push_back((bound.is_hole == hole) == (relation == Relation::equal) && !is_order(relation));
    } else if (std::isnan(bound.number)) {
      all.push_back((column.spellings[s] == bound.condition.value) == (relation == Relation::equal));
    } else {
      all.push_back(read.cell[s] == ReadColumn::Cell::value ? holds(relation, read.value[s], bound.number)
                                                            : relation == Relation::different);
    }
  }
  return all;
}

std::vector<std::int64_t> Conditions::rows_of(const TextTable& drawn) const {
  std::vector<char> wanted(static_cast<std::size_t>(drawn.rows), 1);
  for (const Bound& bound : conditions_) {
    const TextColumn& column = drawn.columns[static_cast<std::size_t>(drawn.find(bound.condition.column))];
    const std::vector<bool> good = fulfilled(bound, column);
    for (std::size_t row = 0; row < wanted.size(); ++row)
      if (!good[column.cells[row]]) wanted[row] = 0;
  }
  std::vector<std::int64_t> rows;
  for (std::size_t row = 0; row < wanted.size(); ++row)
    if (wanted[row]) rows.push_back(static_cast<std::int64_t>(row));
  return rows;
}

}  // namespace agon::host
