#include "host/evaluate/fidelity/declared_constraints.hpp"

#include <algorithm>
#include <utility>

#include "engine/records/bound_constraint.hpp"
#include "host/evaluate/tables/named_column.hpp"

namespace agon::host {
namespace {

/// What can stand in a constraint. An empty cell has no value, whether the real table has any or not.
std::vector<DrawnColumn> constrained_columns(const Schema& schema) {
  std::vector<DrawnColumn> columns;
  for (const ColumnSchema& column : schema.columns) {
    if (column.ignored || column.kind == ColumnKind::text) continue;
    columns.push_back({column, DrawnColumn::Holds::levels, {}});
    columns.back().schema.missing.emplace_back();
  }
  return columns;
}

/// The cells as the schema spells them, whatever their table does; numbers to the last digit.
std::vector<std::string> spelled(const ComparedColumn& column, const ComparedCells& cells,
                                 ColumnSchema schema) {
  constexpr int kAsManyAsNeeded = 18;
  schema.number.decimals = schema.number.printed_decimals = kAsManyAsNeeded;
  schema.number.step = schema.number.offset = 0;
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < cells.levels.size(); ++row) {
    const std::int32_t level = cells.levels[row];
    if (level == ComparedCells::kNumber)
      texts.push_back(spell(cells.numbers[row], schema));
    else
      texts.push_back(level < 0 ? std::string() : column.levels[static_cast<std::size_t>(level)]);
  }
  return texts;
}

/// Of one table: the columns `which`.
std::vector<bool> breakers(const BoundConstraint& constraint, const std::vector<std::int32_t>& which,
                           const Schema& schema, const ComparedTables& tables, const RecordSet& records) {
  std::vector<NamedCells> columns;
  for (const std::int32_t index : which) {
    const auto c = static_cast<std::size_t>(index);
    const ComparedColumn& column = tables.columns[c];
    const auto its = std::ranges::find(schema.columns, column.name, &ColumnSchema::name);
    columns.push_back({column.name, spelled(column, records.columns[c], *its)});
  }
  std::vector<char> keep(static_cast<std::size_t>(records.rows), 1);
  constraint.apply(make_table(std::move(columns)), NoValueRule::fulfils, keep);
  std::vector<bool> broken;
  for (const char kept : keep) broken.push_back(kept == 0);
  return broken;
}

}  // namespace

std::vector<DeclaredConstraint> check_declared(const Schema& schema, const ComparedTables& tables) {
  std::vector<DeclaredConstraint> found;
  const std::vector<DrawnColumn> drawn = constrained_columns(schema);
  for (const std::string& text : schema.constraints) {
    const BoundConstraint constraint(parse_constraint(text), drawn);
    std::vector<std::int32_t> which;
    for (const std::string& name : constraint.columns()) which.push_back(find_column(tables, name));
    if (std::ranges::find(which, -1) != which.end()) continue;
    const auto of = [&](const RecordSet& records) {
      return breakers(constraint, which, schema, tables, records);
    };
    DeclaredConstraint& one =
        found.emplace_back(DeclaredConstraint{text, of(tables.real), of(tables.synthetic), {}});
    if (tables.held_out) one.held_out = of(*tables.held_out);
    const auto lacking = [&](std::int32_t c) {
      return !tables.columns[static_cast<std::size_t>(c)].in_synthetic;
    };
    if (std::ranges::any_of(which, lacking)) one.synthetic.assign(one.synthetic.size(), true);
  }
  return found;
}

}  // namespace agon::host
