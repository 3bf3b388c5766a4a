// The column that models are to foretell, as labels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// What is foretold: a class of a nominal column, or a number.
struct Target {
  static constexpr int kMostClasses = 10;
  static constexpr std::int64_t kFewestRows = 5;  ///< of a class with a name of its own

  std::int32_t column = 0;
  bool is_class = false;
  /// Of a class: the real table's levels, the commonest first; rarer ones, and levels that it lacks, are one
  /// class, the last. At least two.
  std::vector<std::string> classes;
  std::vector<std::int32_t> class_of_level;  ///< (levels of the column)
  int rarer = -1;  ///< where the real table has rows of two classes: the one of fewer

  int count() const { return static_cast<int>(classes.size()); }
};

/// Throws ConfigurationError where no compared column has the name (it lists those that can be foretold) or
/// where there is no other column, and DataError where the column has one value in the real table, or none.
Target find_target(const ComparedTables& tables, const std::string& name);

/// The rows that have a value of the target.
std::vector<std::int64_t> rows_with(const Target& target, const RecordSet& records);
/// The class or the number of each of `records`' rows, all of which have one.
std::vector<std::int32_t> classes_of(const Target& target, const RecordSet& records);
const std::vector<double>& numbers_of(const Target& target, const RecordSet& records);

}  // namespace agon::host
