// A coding in words.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/runtime/decimal_text.hpp"
#include "engine/table/column_coding.hpp"
#include "kernels/record_shape.hpp"

namespace agon {
namespace {

using Kind = CodedLevel::Kind;
using Role = ColumnCoding::Role;

std::string percent(double share) { return short_decimal(100 * share, 2) + "%"; }

std::string counted(std::size_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string joined(const CodingPlan& plan, const std::vector<std::int64_t>& columns, const char* between) {
  std::string text;
  for (const std::int64_t column : columns) text += (text.empty() ? "" : between) + plan.name(column);
  return text;
}

std::string describe_number(const CodingPlan& plan, const ColumnCoding& column) {
  std::string text = "rank";
  if (column.has_modes()) text = "place in " + counted(column.continuous.modes.size(), "mode");
  const auto of = [&](Kind kind) {
    return static_cast<std::size_t>(std::ranges::count(column.levels, kind, &CodedLevel::kind));
  };
  std::string with;
  const auto add = [&](const std::string& what) { with += (with.empty() ? " with " : ", ") + what; };
  if (of(Kind::value) > 0)
    add(std::to_string(of(Kind::value)) + " point mass" + (of(Kind::value) == 1 ? "" : "es"));
  if (of(Kind::mark) > 0) add(counted(of(Kind::mark), "mark"));
  if (of(Kind::missing) > 0) add("a level for no value");
  text += with;
  if (column.continuous.source < 0) return text;
  constexpr const char* kHow[] = {"beside ", "as a difference from ", "as a ratio to "};
  text += ", " + std::string(kHow[static_cast<std::size_t>(column.continuous.residual)]) +
          plan.name(column.continuous.source);
  if (of(Kind::copied) > 0) text += ", of which it may be a copy";
  return text;
}

std::string describe(const CodingPlan& plan, const ColumnCoding& column, const ColumnSchema& schema) {
  switch (column.role) {
    case Role::left_out:
      return schema.ignored ? "ignored" : "text: left out";
    case Role::constant:
      return "always \"" + column.levels[0].spelling + "\"";
    case Role::identifier:
      return column.identifier.may_repeat()
                 ? "made anew; too few names are free, so some may be the table's own"
                 : "made anew, none of the table's";
    case Role::looked_up:
      return "determined by " + plan.name(column.sources[0]);
    case Role::repeated:
      return "equal to " + plan.name(column.sources[0]);
    case Role::sum:
      return "sum of " + joined(plan, column.sources, " and ");
    case Role::levels:
      return counted(column.levels.size(), "level") +
             (column.low_levels > 0 ? " in two heads of " + std::to_string(column.high_levels()) + " and " +
                                          std::to_string(column.low_levels)
                                    : "");
    case Role::number:
      return describe_number(plan, column);
  }
  return {};
}

std::string level_name(const CodingPlan& plan, const std::string& column, const ColumnCoding& coding,
                       const CodedLevel& level) {
  switch (level.kind) {
    case Kind::missing:
      return column + " has no value";
    case Kind::continuous:
      return column + " has a rank";
    case Kind::mode:
      break;
    case Kind::copied:
      return column + " = " + plan.name(coding.continuous.source);
    case Kind::value:
    case Kind::mark:
      break;
  }
  return column + " = " + level.spelling;
}

}  // namespace

std::vector<std::string> relations_of(const CodingPlan& plan) {
  std::vector<std::string> lines;
  for (std::size_t c = 0; c < plan.columns.size(); ++c) {
    const ColumnCoding& column = plan.columns[c];
    const std::string& name = plan.schema.columns[c].name;
    if (column.role == Role::looked_up)
      lines.push_back(name + " is determined by " + plan.name(column.sources[0]));
    if (column.role == Role::repeated)
      lines.push_back(name + " = " + plan.name(column.sources[0]) + " in every row");
    if (column.role == Role::sum) lines.push_back(name + " = " + joined(plan, column.sources, " + "));
    for (const OrderRule& rule : column.orders)
      lines.push_back(
          (rule.above ? plan.name(rule.other) + " <= " + name : name + " <= " + plan.name(rule.other)) +
          (rule.share >= 1 ? " in every row" : " in all rows but " + percent(1 - rule.share)));
    if (column.find(Kind::copied) >= 0)
      lines.push_back(name + " is often " + plan.name(column.continuous.source));
    else if (column.continuous.source >= 0)
      lines.push_back(name + " follows " + plan.name(column.continuous.source));
  }
  return lines;
}

std::vector<std::string> description_of(const CodingPlan& plan) {
  std::vector<std::string> lines;
  for (std::size_t c = 0; c < plan.columns.size(); ++c) {
    std::string line = describe(plan, plan.columns[c], plan.schema.columns[c]);
    if (plan.columns[c].pooled > 0)
      line += "; " + percent(plan.columns[c].pooled) + " of rows have a value too rare to be learnt";
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<RowColumn> row_columns_of(const CodingPlan& plan) {
  std::vector<RowColumn> names, numbers;
  for (std::size_t c = 0; c < plan.columns.size(); ++c) {
    const ColumnCoding& column = plan.columns[c];
    const std::string& name = plan.schema.columns[c].name;
    const auto of = static_cast<std::int64_t>(c);
    for (std::int64_t i = 0; column.low_levels > 0 && i < column.high_levels(); ++i)
      names.push_back({name + ", high part " + std::to_string(i), of});
    for (std::int64_t i = 0; column.low_levels > 0 && i < column.low_levels; ++i)
      names.push_back({name + ", low part " + std::to_string(i), of});
    if (column.head >= 0 && column.low_levels == 0)
      for (std::size_t i = 0; i < column.levels.size(); ++i)
        names.push_back({column.levels[i].kind == Kind::mode
                             ? name + " is in mode " + std::to_string(i + 1)
                             : level_name(plan, name, column, column.levels[i]),
                         of});
    if (column.number < 0) continue;
    if (column.has_modes()) {
      numbers.push_back({name + ", place in its mode", of});
      continue;
    }
    for (std::int64_t hat = 0; hat < kernels::kNumberHats; ++hat)
      numbers.push_back({name + ", hat " + std::to_string(hat), of});
    numbers.push_back({name + ", rank", of});
  }
  const std::vector<RowColumn> levels = names;
  names.insert(names.end(), numbers.begin(), numbers.end());
  const std::vector<std::int64_t>& heads = plan.layout.heads;
  for (const std::int64_t head : plan.layout.conditions.heads) {
    const auto first = levels.begin() + std::accumulate(heads.begin(), heads.begin() + head, std::int64_t{0});
    for (auto level = first; level != first + heads[static_cast<std::size_t>(head)]; ++level)
      names.push_back({"asked for: " + level->name, -1});
  }
  return names;
}

}  // namespace agon
