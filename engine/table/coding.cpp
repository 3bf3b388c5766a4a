#include "engine/table/coding.hpp"

#include "engine/table/column_coding.hpp"
#include "engine/table/table_fit.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

/// Shares of the levels of each head.
std::vector<float> shares_of(const CodedRows& coded, const RecordLayout& layout) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(layout.levels())), first;
  std::int64_t levels = 0;
  for (const std::int64_t size : layout.heads) {
    first.push_back(levels);
    levels += size;
  }
  const std::size_t heads = first.size();
  for (std::size_t i = 0; i < coded.codes.size(); ++i)
    ++rows[static_cast<std::size_t>(first[i % heads]) + coded.codes[i]];
  std::vector<float> shares(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    shares[i] = static_cast<float>(static_cast<double>(rows[i]) / static_cast<double>(coded.rows));
  return shares;
}

void read_table(TableFit& fit) {
  for (std::size_t c = 0; c < fit.schema.columns.size(); ++c) {
    const ColumnSchema& schema = fit.schema.columns[c];
    if (schema.name != fit.table.columns[c].name)
      throw DataError("column " + std::to_string(c + 1) + " is \"" + fit.table.columns[c].name +
                      "\", but the schema has \"" + schema.name + "\" there");
    if (schema.ignored || schema.kind == ColumnKind::text) continue;
    fit.values[c] = read_values(fit.table.columns[c], schema, fit.device);
    if (schema.is_number() || schema.is_moment()) fit.numbers[c] = plain_numbers(fit.values[c], schema);
  }
}

}  // namespace

CodingPlan fit_coding(const TextTable& table, const Schema& schema, const Device& device,
                      const CodingOptions& options) {
  const std::size_t count = schema.columns.size();
  if (table.columns.size() != count)
    throw DataError("the table has " + std::to_string(table.columns.size()) + " columns, its schema " +
                    std::to_string(count));
  if (table.rows == 0) throw DataError("the table has no rows");
  TableFit fit{table, schema, device, options, std::vector<ColumnValues>(count), std::vector<std::vector<double>>(count)};
  read_table(fit);
  CodingPlan plan{schema, options, {}, {}, {}, {}};
  for (std::size_t c = 0; c < count; ++c) plan.columns.push_back(fit_column(fit, c));
  find_determined(fit, plan.columns);
  Relations relations = find_relations(fit, plan.columns);
  plan.order = std::move(relations.order);
  for (const std::int64_t c : plan.order)
    if (const auto i = static_cast<std::size_t>(c); plan.columns[i].role == ColumnCoding::Role::number)
      fit_number(fit, i, relations.sources[i], plan.columns);
  plan.lay_out();
  if (!plan.layout.any()) throw DataError("no column is left to learn: all are constant, ignored, identifiers or text");
  return plan;
}

Coding Coding::fit(const TextTable& table, const Schema& schema, const Device& device, const CodingOptions& options) {
  auto implementation = std::make_unique<Implementation>(Implementation{fit_coding(table, schema, device, options)});
  CodingPlan& plan = implementation->plan;
  plan.shares = shares_of(encode_rows(plan, table), plan.layout);
  return Coding(std::move(implementation));
}

Coding::Coding(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Coding::Coding(Coding&&) noexcept = default;
Coding& Coding::operator=(Coding&&) noexcept = default;
Coding::~Coding() = default;

const Schema& Coding::schema() const { return implementation_->plan.schema; }
const RecordLayout& Coding::layout() const { return implementation_->plan.layout; }
const std::vector<float>& Coding::shares() const { return implementation_->plan.shares; }
CodedRows Coding::encode(const TextTable& table) const { return encode_rows(implementation_->plan, table); }
TextTable Coding::decode(const DrawnRows& drawn, std::uint64_t seed, std::int64_t first) const {
  return decode_rows(implementation_->plan, drawn, seed, first);
}
std::vector<std::string> Coding::relations() const { return relations_of(implementation_->plan); }
std::vector<std::string> Coding::description() const { return description_of(implementation_->plan); }
std::vector<std::string> Coding::names() const { return names_of(implementation_->plan); }
std::string Coding::to_json() const { return coding_to_json(implementation_->plan); }
Coding Coding::from_json(std::string_view json, std::string_view source) {
  return Coding(std::make_unique<Implementation>(Implementation{coding_from_json(json, source)}));
}

}  // namespace agon
