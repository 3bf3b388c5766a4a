#include "engine/table/coding.hpp"

#include "engine/runtime/public_errors.hpp"
#include "engine/table/column_coding.hpp"
#include "engine/table/table_fit.hpp"
#include "engine/table/whole_table.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

void read_table(TableFit& fit) {
  for_columns(fit.schema.columns.size(), [&](std::size_t c) {
    const ColumnSchema& schema = fit.schema.columns[c];
    if (schema.name != fit.table.columns[c].name)
      throw DataError("column " + std::to_string(c + 1) + " is \"" + fit.table.columns[c].name +
                      "\", but the schema has \"" + schema.name + "\" there");
    if (schema.ignored || schema.kind == ColumnKind::text) return;
    fit.values[c] = read_values(fit.table.columns[c], schema, fit.device);
    if (schema.is_number() || schema.is_moment()) fit.numbers[c] = plain_numbers(fit.values[c], schema);
  });
}

DrawnColumn::Holds what_holds(ColumnCoding::Role role) {
  using Role = ColumnCoding::Role;
  if (role == Role::identifier) return DrawnColumn::Holds::names;
  if (role == Role::repeated) return DrawnColumn::Holds::copies;
  const bool numbers = role == Role::number || role == Role::sum;
  return numbers ? DrawnColumn::Holds::numbers : DrawnColumn::Holds::levels;
}

}  // namespace

CodingPlan fit_coding(const TextTable& table, const Schema& schema, const Device& device,
                      const CodingOptions& options) {
  const std::size_t count = schema.columns.size();
  if (table.columns.size() != count)
    throw DataError("the table has " + std::to_string(table.columns.size()) + " columns, its schema " +
                    std::to_string(count));
  if (table.rows == 0) throw DataError("the table has no rows");
  TableFit fit{table,
               schema,
               device,
               options,
               std::vector<ColumnValues>(count),
               std::vector<std::vector<double>>(count)};
  read_table(fit);
  CodingPlan plan{options.exact_bounds ? schema : without_rare_marks(schema, table), options, {}, {}, {}, {}};
  plan.columns.resize(count);
  for_columns(count, [&](std::size_t c) { plan.columns[c] = fit_column(fit, c); });
  if (!options.modes) find_determined(fit, plan.columns);
  Relations relations = find_relations(fit, plan.columns);
  plan.order = std::move(relations.order);
  // A column that keeps an order looks at the other one's support, which is fitted before it.
  const auto fit_if_number = [&](std::size_t c, bool ordered) {
    const ColumnCoding& column = plan.columns[c];
    if (column.role == ColumnCoding::Role::number && column.orders.empty() != ordered)
      fit_number(fit, c, relations.sources[c], plan.columns);
  };
  for_columns(count, [&](std::size_t c) { fit_if_number(c, false); });
  for (const std::int64_t c : plan.order) fit_if_number(static_cast<std::size_t>(c), true);
  plan.lay_out();
  if (!plan.layout.any())
    throw DataError("no column is left to learn: all are constant, ignored, identifiers or text");
  return plan;
}

Coding Coding::fit(const TextTable& table, const Schema& schema, const Device& device,
                   const CodingOptions& options) {
  return with_errors_of("Coding::fit()", [&] {
    require_whole(table);
    auto implementation =
        std::make_unique<Implementation>(Implementation{fit_coding(table, schema, device, options)});
    CodingPlan& plan = implementation->plan;
    plan.shares = level_shares(plan, table);
    plan.lay_out();
    return Coding(std::move(implementation));
  });
}

Coding::Coding(std::unique_ptr<Implementation> implementation)
    : implementation_("Coding", std::move(implementation)) {}
Coding::Coding(Coding&&) noexcept = default;
Coding& Coding::operator=(Coding&&) noexcept = default;
Coding::~Coding() = default;

const Schema& Coding::schema() const { return implementation_->plan.schema; }
const CodingOptions& Coding::options() const { return implementation_->plan.options; }
const RecordLayout& Coding::layout() const { return implementation_->plan.layout; }
const std::vector<float>& Coding::shares() const { return implementation_->plan.shares; }
CodedRows Coding::encode(const TextTable& table) const {
  return with_errors_of("encode()", [&] {
    require_whole(table);
    return encode_rows(implementation_->plan, table);
  });
}
TextTable Coding::decode(const DrawnRows& drawn, std::uint64_t seed, std::int64_t first) const {
  return with_errors_of("decode()", [&] {
    require_drawn_by(layout(), drawn);
    return decode_rows(implementation_->plan, drawn, seed, first);
  });
}
std::vector<DrawnColumn> Coding::drawn_columns() const {
  const CodingPlan& plan = implementation_->plan;
  std::vector<DrawnColumn> drawn;
  for (std::size_t c = 0; c < plan.columns.size(); ++c) {
    const ColumnCoding& column = plan.columns[c];
    if (column.role == ColumnCoding::Role::left_out) continue;
    DrawnColumn& one = drawn.emplace_back(DrawnColumn{plan.schema.columns[c], what_holds(column.role), {}});
    for (const CodedLevel& level : column.levels)
      if (level.kind == CodedLevel::Kind::value || level.kind == CodedLevel::Kind::mark)
        one.levels.push_back(level.spelling);
  }
  return drawn;
}
std::vector<std::string> Coding::relations() const { return relations_of(implementation_->plan); }
std::vector<std::string> Coding::description() const { return description_of(implementation_->plan); }
std::vector<RowColumn> Coding::row_columns() const { return row_columns_of(implementation_->plan); }
std::string Coding::to_json() const {
  return with_errors_of("to_json()", [&] { return coding_to_json(implementation_->plan); });
}
Coding Coding::from_json(std::string_view json, std::string_view source) {
  return with_errors_of("from_json()", [&] {
    return Coding(std::make_unique<Implementation>(Implementation{coding_from_json(json, source)}));
  });
}

}  // namespace agon
