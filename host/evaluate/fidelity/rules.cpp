#include "host/evaluate/fidelity/rules.hpp"

#include <algorithm>
#include <cmath>

#include "engine/table/column_coding.hpp"
#include "engine/table/table_fit.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

using Kind = RecordRule::Kind;
using Role = ColumnCoding::Role;

/// The schema with its columns in the table's order; what is not compared is ignored.
Schema ordered_schema(const TextTable& real, const Schema& schema, const ComparedTables& tables) {
  Schema ordered = schema;
  ordered.columns.clear();
  for (const TextColumn& column : real.columns) {
    const auto its = std::ranges::find(schema.columns, column.name, &ColumnSchema::name);
    ordered.columns.push_back(*its);
    if (std::ranges::find(tables.columns, column.name, &ComparedColumn::name) == tables.columns.end())
      ordered.columns.back().ignored = true;
  }
  return ordered;
}

/// What the engine says of one column.
void add_rules(const ColumnCoding& coding, std::size_t column, const std::vector<std::size_t>& compared_index,
               std::vector<RecordRule>& rules) {
  const auto index_of = [&](std::int64_t source) { return compared_index[static_cast<std::size_t>(source)]; };
  std::vector<std::size_t> sources;
  for (const std::int64_t source : coding.sources) sources.push_back(index_of(source));
  if (coding.role == Role::repeated) rules.push_back({Kind::copy, column, sources});
  if (coding.role == Role::looked_up) rules.push_back({Kind::look_up, column, sources});
  if (coding.role == Role::sum) rules.push_back({Kind::sum, column, sources});
  for (const OrderRule& order : coding.orders) {
    if (order.share < 1) continue;
    if (order.above)
      rules.push_back({Kind::order, index_of(order.other), {column}});
    else
      rules.push_back({Kind::order, column, {index_of(order.other)}});
  }
}

bool breaks_sum(const RecordRule& rule, const RecordSet& records, std::size_t row) {
  double sum = 0;
  for (const std::size_t part : rule.others) sum += records.columns[part].numbers[row];
  const double value = records.columns[rule.column].numbers[row];
  return std::isnan(sum) || std::isnan(value) ? std::isnan(sum) != std::isnan(value) : !are_equal(sum, value);
}

/// For each value of x, no value behind the last one, the value that y has beside it in the real table's last
/// row with it; kUnseen where no row has it.
constexpr std::int32_t kUnseen = -2;
std::vector<std::int32_t> partners(const CodedTables& coded, std::size_t x, std::size_t y) {
  const ValueSpace& space = coded.spaces[x];
  std::vector<std::int32_t> partner(static_cast<std::size_t>(space.count()) + 1, kUnseen);
  const std::vector<std::int32_t>&from = coded.real.columns[x].values, &to = coded.real.columns[y].values;
  for (std::size_t row = 0; row < from.size(); ++row)
    partner[static_cast<std::size_t>(from[row] < 0 ? space.count() : from[row])] = to[row];
  return partner;
}

std::vector<bool> breaks_look_up(const RecordRule& rule, const CodedTables& coded,
                                 const CodedRecords& codes) {
  const std::vector<std::int32_t> partner = partners(coded, rule.others[0], rule.column);
  const std::vector<std::int32_t>& from = codes.columns[rule.others[0]].values;
  const std::vector<std::int32_t>& to = codes.columns[rule.column].values;
  std::vector<bool> broken(from.size());
  for (std::size_t row = 0; row < from.size(); ++row) {
    const std::int32_t wanted = from[row] < 0 ? partner.back() : partner[static_cast<std::size_t>(from[row])];
    broken[row] = wanted != kUnseen && wanted != to[row];
  }
  return broken;
}

/// Two columns' values by what they mean: numbers by number, levels by spelling, no value by itself.
bool breaks_copy(const RecordRule& rule, const ComparedTables& tables, const RecordSet& records,
                 std::size_t row) {
  const std::size_t x = rule.others[0], y = rule.column;
  const std::int32_t a = records.columns[x].levels[row], b = records.columns[y].levels[row];
  if (a >= 0 && b >= 0)
    return tables.columns[x].levels[static_cast<std::size_t>(a)] !=
           tables.columns[y].levels[static_cast<std::size_t>(b)];
  if (a != b) return true;
  return a == ComparedCells::kNumber && records.columns[x].numbers[row] != records.columns[y].numbers[row];
}

/// A rule between numbers and levels is none that rows can be held to here.
bool can_be_judged(const RecordRule& rule, const ComparedTables& tables) {
  const auto is_number = [&](std::size_t c) {
    return tables.columns[c].kind == ComparedColumn::Kind::number;
  };
  if (rule.kind == Kind::look_up) return true;
  if (rule.kind == Kind::copy) return is_number(rule.column) == is_number(rule.others[0]);
  return is_number(rule.column) && std::ranges::all_of(rule.others, is_number);
}

}  // namespace

std::vector<RecordRule> find_rules(const TextTable& real, const Schema& schema, const ComparedTables& tables,
                                   const Device& device) {
  std::vector<std::size_t> compared_index(real.columns.size());
  for (std::size_t c = 0; c < real.columns.size(); ++c)
    compared_index[c] = static_cast<std::size_t>(
        std::ranges::find(tables.columns, real.columns[c].name, &ComparedColumn::name) -
        tables.columns.begin());
  std::vector<RecordRule> rules;
  try {
    const CodingPlan plan = fit_coding(real, ordered_schema(real, schema, tables), device, {});
    for (std::size_t c = 0; c < plan.columns.size(); ++c)
      if (compared_index[c] < tables.columns.size())
        add_rules(plan.columns[c], compared_index[c], compared_index, rules);
  } catch (const DataError&) {
    return {};  // one row, or nothing but constants
  }
  std::erase_if(rules, [&](const RecordRule& rule) { return !can_be_judged(rule, tables); });
  return rules;
}

std::string text_of(const RecordRule& rule, const std::vector<ComparedColumn>& columns) {
  const std::string &y = columns[rule.column].name, &x = columns[rule.others[0]].name;
  switch (rule.kind) {
    case Kind::copy:
      return y + " = " + x;
    case Kind::look_up:
      return y + " is determined by " + x;
    case Kind::order:
      return y + " <= " + x;
    case Kind::sum:
      break;
  }
  std::string text = y + " = " + x;
  for (std::size_t i = 1; i < rule.others.size(); ++i) text += " + " + columns[rule.others[i]].name;
  return text;
}

std::vector<bool> rows_that_break(const RecordRule& rule, const ComparedTables& tables,
                                  const CodedTables& coded, const RecordSet& records,
                                  const CodedRecords& codes) {
  if (rule.kind == Kind::look_up) return breaks_look_up(rule, coded, codes);
  std::vector<bool> broken(static_cast<std::size_t>(records.rows));
  for (std::size_t row = 0; row < broken.size(); ++row) {
    if (rule.kind == Kind::order)  // false where either is NaN
      broken[row] = records.columns[rule.column].numbers[row] > records.columns[rule.others[0]].numbers[row];
    else
      broken[row] =
          rule.kind == Kind::sum ? breaks_sum(rule, records, row) : breaks_copy(rule, tables, records, row);
  }
  return broken;
}

}  // namespace agon::host
