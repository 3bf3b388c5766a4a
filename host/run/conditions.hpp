// Which of the records drawn are wanted: "sex=F, age>=60".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/table/coding.hpp"
#include "engine/table/text_table.hpp"

namespace agon::host {

/// One comparison of a column with a value.
struct Condition {
  enum class Relation : std::uint8_t { equal, different, less, at_most, greater, at_least };
  std::string column;
  Relation relation = Relation::equal;
  std::string value;  ///< as the user wrote it

  std::string text() const;  ///< "age >= 60"
};

/// All of several conditions. Numbers, dates and times are compared by what they mean, other columns by their
/// spelling. A hole is "column=" or one of the schema's missing spellings, and differs from every value.
class Conditions {
 public:
  /// Of conditions with commas between; a value with a comma in it is in double quotes. Throws
  /// ConfigurationError, which begins with --where: on what cannot be read, on a column that the coding's
  /// table has not or does not draw, on a value that is none of the column's kind, and on a level that no
  /// record can have.
  Conditions(std::string_view text, const Coding& coding);

  std::string text() const;
  /// Rows of a decoded table that fulfil all of them, ascending.
  std::vector<std::int64_t> rows_of(const TextTable& drawn) const;

 private:
  /// What a value means in its column: NaN where it is compared by its spelling, or is a hole.
  struct Bound {
    Condition condition;
    ColumnSchema schema;
    bool is_hole = false;
    double number = 0;
  };
  std::vector<bool> fulfilled(const Bound& bound, const TextColumn& column) const;

  std::vector<Bound> conditions_;
};

}  // namespace agon::host
