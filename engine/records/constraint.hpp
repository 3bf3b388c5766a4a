// A comparison that records must fulfil, as its user writes it: "dbp < sbp", "age >= 60", "total = a + b".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/error.hpp"

namespace agon {

enum class Relation : std::uint8_t { equal, different, less, at_most, greater, at_least };

/// As written. What `right` is, a column, a sum of columns or a value, the table's columns decide
/// (bound_constraint.hpp).
struct Constraint {
  std::string left;
  Relation relation = Relation::equal;
  std::string right;
  bool quoted = false;  ///< `right` was in double quotes: a value, whatever columns are called

  std::string text() const;  ///< "age >= 60"
};

/// What is wrong with a constraint, and what to do; what() has both.
struct ConstraintError : ConfigurationError {
  ConstraintError(const std::string& what_is_wrong, const std::string& what_to_do);
  std::string fault, remedy;
};

/// "LEFT OP RIGHT", OP one of = == != < <= > >=. A column's name with such a sign in it is in double quotes;
/// so is a value that could be taken for a column. Throws ConstraintError.
Constraint parse_constraint(std::string_view text);

/// Several with commas between; text with a comma in it is in double quotes. None of blank text.
std::vector<Constraint> parse_constraints(std::string_view text);

}  // namespace agon
