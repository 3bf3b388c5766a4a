#include "engine/records/conditions.hpp"

#include <algorithm>

#include "engine/table/finding_text.hpp"
#include "engine/table/whole_table.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

/// As Coding::drawn_columns() has them, but for the levels: of columns of words those in the table, if any.
std::vector<DrawnColumn> columns_of_schema(const Schema& schema, const TextTable* table) {
  std::vector<DrawnColumn> columns;
  for (const ColumnSchema& column : schema.columns) {
    if (column.ignored || column.kind == ColumnKind::text) continue;
    DrawnColumn& drawn = columns.emplace_back(DrawnColumn{column, DrawnColumn::Holds::levels, {}});
    const std::int64_t place = table == nullptr ? -1 : table->find(column.name);
    if (place < 0 || column.is_number() || column.is_moment()) continue;
    const TextColumn& text = table->columns[static_cast<std::size_t>(place)];
    const std::vector<std::int64_t> rows = text.counts();
    const ReadColumn read = read_column(text, column);
    for (std::size_t s = 0; s < rows.size(); ++s)
      if (rows[s] > 0 && read.cell[s] == ReadColumn::Cell::value)
        drawn.levels.emplace_back(text.spellings[s]);
  }
  return columns;
}

Finding breaks_of(const BoundConstraint& constraint, const TextTable& table) {
  std::vector<char> keep(static_cast<std::size_t>(table.rows), 1);
  constraint.apply(table, NoValueRule::fulfils, keep);
  const auto broken = static_cast<std::uint64_t>(std::ranges::count(keep, 0));
  if (broken == 0) return {};
  return {Finding::Weight::warning, "",
          constraint.constraint().text() + ": " + grouped(broken) + " of " +
              grouped(static_cast<std::uint64_t>(table.rows)) + " rows break it",
          "correct the rows or the constraint; no record drawn breaks it"};
}

}  // namespace

Conditions::Conditions(std::string_view text, const Coding& coding) {
  const std::vector<DrawnColumn> columns = coding.drawn_columns();
  for (const Constraint& constraint : parse_constraints(text)) constraints_.emplace_back(constraint, columns);
}

Conditions::Conditions(const Schema& schema) : rule_(NoValueRule::fulfils) {
  const std::vector<DrawnColumn> columns = columns_of_schema(schema, nullptr);
  for (const std::string& text : schema.constraints)
    constraints_.emplace_back(parse_constraint(text), columns);
}

std::string Conditions::text() const {
  std::string all;
  for (const BoundConstraint& one : constraints_) all += (all.empty() ? "" : ", ") + one.constraint().text();
  return all;
}

void Conditions::apply(const TextTable& table, std::span<char> keep) const {
  for (const BoundConstraint& constraint : constraints_) constraint.apply(table, rule_, keep);
}

void Conditions::apply_to_column(const TextTable& column, std::span<char> keep) const {
  if (column.columns.size() != 1) throw ConfigurationError("a table of one column is needed");
  for (const BoundConstraint& constraint : constraints_)
    if (constraint.compares_with_value() && constraint.constraint().left == column.columns.front().name)
      constraint.apply(column, rule_, keep);
}

std::vector<Finding> check_constraints(const Schema& schema, const TextTable& table) {
  require_whole(table);
  std::vector<Finding> findings;
  if (schema.constraints.empty()) return findings;
  const std::vector<DrawnColumn> columns = columns_of_schema(schema, &table);
  for (const std::string& text : schema.constraints) {
    try {
      Finding finding = breaks_of(BoundConstraint(parse_constraint(text), columns), table);
      if (!finding.what.empty()) findings.push_back(std::move(finding));
    } catch (const ConstraintError& error) {
      const bool says_what_to_do = !error.remedy.empty() || error.fault.ends_with('?');
      findings.push_back({Finding::Weight::error, "", "the constraint \"" + text + "\": " + error.fault,
                          says_what_to_do ? error.remedy : "correct it, or leave it out"});
    } catch (const DataError&) {
      continue;  // cells that check_schema() tells of
    }
  }
  return findings;
}

}  // namespace agon
