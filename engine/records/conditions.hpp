// What records must fulfil: the conditions of one draw ("sex=F, age>=60"), or a schema's constraints.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/records/bound_constraint.hpp"
#include "engine/table/coding.hpp"
#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"

namespace agon {

/// All of several constraints. Numbers, dates and times are compared by what they mean, other columns by
/// their spelling. "column=", or one of the schema's missing spellings, is a cell without a value.
class Conditions {
 public:
  /// None: every record fulfils them.
  Conditions() = default;
  /// Of a draw: parse_constraints(text). A cell without a value differs from every value, so no comparison
  /// with one holds but !=. Throws ConstraintError.
  Conditions(std::string_view text, const Coding& coding);
  /// Of a schema, which every record fulfils; so does one in which a compared cell has no value. Throws
  /// ConstraintError.
  explicit Conditions(const Schema& schema);

  bool empty() const { return constraints_.empty(); }
  std::string text() const;  ///< "sex = F, age >= 60"
  /// Clears keep[row], (table.rows), of each row that does not fulfil all of them.
  void apply(const TextTable& table, std::span<char> keep) const;
  /// The same of one column's cells, by what compares that column with a value alone.
  void apply_to_column(const TextTable& column, std::span<char> keep) const;

 private:
  NoValueRule rule_ = NoValueRule::differs;
  std::vector<BoundConstraint> constraints_;
};

/// What is wrong with a schema's constraints, an error each; and a warning of each that rows of the table
/// break. Says nothing where cells cannot be read, of which check_schema() tells.
std::vector<Finding> check_constraints(const Schema& schema, const TextTable& table);

}  // namespace agon
