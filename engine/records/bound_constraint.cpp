#include "engine/records/bound_constraint.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "engine/table/cell_text.hpp"
#include "engine/table/column_values.hpp"
#include "engine/table/suggestion.hpp"
#include "engine/table/table_fit.hpp"

namespace agon {
namespace {

using Cell = ReadColumn::Cell;

bool is_an_order(Relation relation) { return relation != Relation::equal && relation != Relation::different; }

bool has_values_in_order(const ColumnSchema& schema) { return schema.is_number() || schema.is_moment(); }

std::string kind_of(const ColumnSchema& schema) {
  return schema.name + " (" + std::string(to_string(schema.kind)) + ")";
}

/// Sums of binary fractions are compared but for what arithmetic leaves.
template <class Equal>
bool relation_holds(Relation relation, double value, double bound, const Equal& equal) {
  switch (relation) {
    case Relation::equal:
      return equal(value, bound);
    case Relation::different:
      return !equal(value, bound);
    case Relation::less:
      return value < bound && !equal(value, bound);
    case Relation::at_most:
      return value < bound || equal(value, bound);
    case Relation::greater:
      return value > bound && !equal(value, bound);
    case Relation::at_least:
      return value > bound || equal(value, bound);
  }
  return false;
}

const DrawnColumn* column_called(std::string_view name, std::span<const DrawnColumn> columns) {
  const auto its = std::ranges::find_if(columns, [&](const DrawnColumn& c) { return c.schema.name == name; });
  return its == columns.end() ? nullptr : &*its;
}

std::vector<std::string> names_of_columns(std::span<const DrawnColumn> columns) {
  std::vector<std::string> names;
  for (const DrawnColumn& column : columns) names.push_back(column.schema.name);
  return names;
}

/// The columns that a right side names: one, or all terms of a sum; nothing where it is a value.
std::optional<std::vector<ColumnSchema>> columns_in(const Constraint& constraint,
                                                    std::span<const DrawnColumn> columns) {
  if (constraint.quoted) return std::nullopt;
  if (const DrawnColumn* one = column_called(constraint.right, columns)) return std::vector{one->schema};
  std::vector<ColumnSchema> terms;
  for (std::size_t begin = 0; begin <= constraint.right.size();) {
    const std::size_t end = std::min(constraint.right.find('+', begin), constraint.right.size());
    const DrawnColumn* term =
        column_called(trimmed(std::string_view(constraint.right).substr(begin, end - begin)), columns);
    if (term == nullptr) return std::nullopt;
    terms.push_back(term->schema);
    begin = end + 1;
  }
  return terms;
}

std::string some_of(const std::vector<std::string>& levels) {
  constexpr std::size_t kMost = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(levels.size(), kMost); ++i)
    text += (text.empty() ? "" : ", ") + levels[i];
  return text + (levels.size() > kMost ? ", ..." : "");
}

/// Of each spelling the number that a column is compared by; NaN where it has none.
std::vector<double> numbers_of(const TextColumn& column, const ColumnSchema& schema) {
  ReadColumn read = read_column(column, schema);
  for (std::size_t s = 0; s < read.value.size(); ++s)
    if (read.cell[s] != Cell::value || is_sentinel(read.value[s], schema))
      read.value[s] = std::numeric_limits<double>::quiet_NaN();
  return std::move(read.value);
}

}  // namespace

BoundConstraint::BoundConstraint(const Constraint& constraint, std::span<const DrawnColumn> columns)
    : constraint_(constraint) {
  const DrawnColumn* left = column_called(constraint.left, columns);
  if (left == nullptr)
    throw ConstraintError("no column " + quoted_text(constraint.left) + " is drawn" +
                              suggestion(constraint.left, names_of_columns(columns)),
                          "");
  left_ = left->schema;
  if (auto terms = columns_in(constraint, columns))
    bind_columns(std::move(*terms));
  else
    bind_value(*left, columns);
  const auto* terms = std::get_if<ColumnTerms>(&right_);
  const bool in_order =
      std::holds_alternative<double>(right_) || (terms != nullptr && has_values_in_order(left_));
  if (is_an_order(constraint.relation) && !in_order)
    throw ConstraintError(kind_of(left_) + ": only numbers, dates and times have an order",
                          "compare them with = or !=");
}

std::vector<std::string> BoundConstraint::columns() const {
  std::vector<std::string> names{left_.name};
  if (const auto* terms = std::get_if<ColumnTerms>(&right_))
    for (const ColumnSchema& term : terms->columns)
      if (std::ranges::find(names, term.name) == names.end()) names.push_back(term.name);
  return names;
}

void BoundConstraint::bind_columns(std::vector<ColumnSchema> terms) {
  const auto refuse = [&](const std::string& other, const char* remedy) {
    throw ConstraintError(kind_of(left_) + " cannot be compared with " + other, remedy);
  };
  for (const ColumnSchema& term : terms) {
    if (terms.size() > 1 && !(term.is_number() && left_.is_number()))
      refuse("a sum with " + kind_of(term), "a sum is one of columns of numbers");
    const bool alike = left_.is_number()   ? term.is_number()
                       : left_.is_moment() ? term.kind == left_.kind
                                           : !has_values_in_order(term);
    if (!alike)
      refuse(kind_of(term),
             "numbers are compared with numbers, dates with dates, times with times, words with words");
  }
  right_ = ColumnTerms{std::move(terms)};
}

void BoundConstraint::bind_value(const DrawnColumn& left, std::span<const DrawnColumn> columns) {
  const std::string_view value = constraint_.right;
  ReadColumn read;
  try {
    read = read_column(column_of(left_.name, {&value, 1}), left_);
  } catch (const DataError&) {
    throw ConstraintError(left_.name + " is " + std::string(to_string(left_.kind)) + ", and " +
                              quoted_text(value) + " is none" + suggestion(value, names_of_columns(columns)),
                          "");
  }
  if (value.empty() || read.cell.front() == Cell::missing) {
    right_ = NoValue{};
  } else if (read.cell.front() == Cell::value && has_values_in_order(left_)) {
    right_ = read.value.front();
  } else {
    const std::vector<std::string>& levels = left.levels;
    if (!levels.empty() && std::ranges::find(levels, value) == levels.end())
      throw ConstraintError("no record has " + quoted_text(value) + " in " + left_.name +
                                suggestion(value, levels) + "; it has " + some_of(levels),
                            "");
    right_ = std::string(value);
  }
}

/// Of each spelling of the left column, beside a value.
std::vector<char> BoundConstraint::fulfilled(const TextColumn& column, NoValueRule rule) const {
  const ReadColumn read = read_column(column, left_);
  const Relation relation = constraint_.relation;
  const bool without = rule == NoValueRule::fulfils || relation == Relation::different;
  const auto* number = std::get_if<double>(&right_);
  const bool of_sentinel = rule == NoValueRule::differs || (number != nullptr && is_sentinel(*number, left_));
  std::vector<char> all;
  for (std::size_t s = 0; s < column.spellings.size(); ++s) {
    const Cell cell = read.cell[s];
    if (std::holds_alternative<NoValue>(right_)) {
      all.push_back((cell == Cell::missing) == (relation == Relation::equal));
    } else if (cell == Cell::missing) {
      all.push_back(without);
    } else if (const auto* text = std::get_if<std::string>(&right_)) {
      all.push_back((column.spellings[s] == *text) == (relation == Relation::equal));
    } else if (cell != Cell::value || (!of_sentinel && is_sentinel(read.value[s], left_))) {
      all.push_back(without);
    } else {
      all.push_back(relation_holds(relation, read.value[s], *number, std::equal_to<double>()));
    }
  }
  return all;
}

void BoundConstraint::compare_words(const TextTable& table, NoValueRule rule, std::span<char> keep) const {
  const ColumnSchema& other = std::get<ColumnTerms>(right_).columns.front();
  const TextColumn &a = required_column(table, left_.name), &b = required_column(table, other.name);
  const std::vector<Cell> cell_a = read_column(a, left_).cell, cell_b = read_column(b, other).cell;
  const bool without = rule == NoValueRule::fulfils || constraint_.relation == Relation::different;
  for (std::size_t row = 0; row < keep.size(); ++row) {
    if (cell_a[a.cells[row]] == Cell::missing || cell_b[b.cells[row]] == Cell::missing)
      keep[row] &= without;
    else
      keep[row] &= (a.spellings[a.cells[row]] == b.spellings[b.cells[row]]) ==
                   (constraint_.relation == Relation::equal);
  }
}

void BoundConstraint::compare_numbers(const TextTable& table, NoValueRule rule, std::span<char> keep) const {
  const std::vector<ColumnSchema>& terms = std::get<ColumnTerms>(right_).columns;
  std::vector<double> sums(keep.size());
  for (const ColumnSchema& term : terms) {
    const TextColumn& column = required_column(table, term.name);
    const std::vector<double> numbers = numbers_of(column, term);
    for (std::size_t row = 0; row < sums.size(); ++row) sums[row] += numbers[column.cells[row]];
  }
  const TextColumn& left = required_column(table, left_.name);
  const std::vector<double> numbers = numbers_of(left, left_);
  const bool without = rule == NoValueRule::fulfils || constraint_.relation == Relation::different;
  const auto equal = [several = terms.size() > 1](double a, double b) {
    return several ? are_equal(a, b) : a == b;
  };
  for (std::size_t row = 0; row < keep.size(); ++row) {
    const double number = numbers[left.cells[row]];
    keep[row] &= std::isnan(number) || std::isnan(sums[row])
                     ? without
                     : relation_holds(constraint_.relation, number, sums[row], equal);
  }
}

void BoundConstraint::apply(const TextTable& table, NoValueRule rule, std::span<char> keep) const {
  if (std::ssize(keep) != table.rows)
    throw ConfigurationError("a mark for each of " + std::to_string(table.rows) + " rows is needed, not " +
                             std::to_string(keep.size()));
  if (std::holds_alternative<ColumnTerms>(right_))
    return has_values_in_order(left_) ? compare_numbers(table, rule, keep) : compare_words(table, rule, keep);
  const TextColumn& column = required_column(table, left_.name);
  const std::vector<char> good = fulfilled(column, rule);
  for (std::size_t row = 0; row < keep.size(); ++row) keep[row] &= good[column.cells[row]];
}

}  // namespace agon
