// A constraint whose sides are known by what they mean in a table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/records/constraint.hpp"
#include "engine/table/coding.hpp"
#include "engine/table/text_table.hpp"

namespace agon {

/// How a cell without a value, and one without a number where numbers are compared (a mark, a code for no
/// value), stand to other cells and values.
enum class NoValueRule : std::uint8_t {
  differs,  ///< it differs from all of them
  fulfils,  ///< whatever it is compared with, the constraint is fulfilled
};

struct NoValue {};
/// One column, or several whose sum is meant.
struct ColumnTerms {
  std::vector<ColumnSchema> columns;
};
/// A spelling stands for a level: of words, or a mark among numbers.
using RightSide = std::variant<NoValue, double, std::string, ColumnTerms>;

class BoundConstraint {
 public:
  /// Throws ConstraintError: on a column that is not drawn, kinds that cannot be compared, an order of words,
  /// a value that is none of the column's kind or none of its levels. No levels of a column: any will do.
  BoundConstraint(const Constraint& constraint, std::span<const DrawnColumn> columns);

  const Constraint& constraint() const { return constraint_; }
  /// Names of those that it compares, each once.
  std::vector<std::string> columns() const;
  bool compares_with_value() const { return !std::holds_alternative<ColumnTerms>(right_); }
  /// Clears keep[row], (table.rows), of each row that does not fulfil it. The table has the columns of the
  /// constructor.
  void apply(const TextTable& table, NoValueRule rule, std::span<char> keep) const;

 private:
  void bind_value(const DrawnColumn& left, std::span<const DrawnColumn> columns);
  void bind_columns(std::vector<ColumnSchema> terms);
  std::vector<char> fulfilled(const TextColumn& column, NoValueRule rule) const;
  void compare_words(const TextTable& table, NoValueRule rule, std::span<char> keep) const;
  void compare_numbers(const TextTable& table, NoValueRule rule, std::span<char> keep) const;

  Constraint constraint_;
  ColumnSchema left_;
  RightSide right_;
};

}  // namespace agon
