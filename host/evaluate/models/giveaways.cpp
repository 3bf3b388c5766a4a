#include "host/evaluate/models/giveaways.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace agon::host {
namespace {

using Value = std::pair<std::int32_t, double>;

Value meant_value(const ComparedCells& cells, std::size_t row) {
  const std::int32_t level = cells.levels[row];
  return {level, level == ComparedCells::kNumber ? cells.numbers[row] : 0.0};
}

/// Whether in every row with a value of the one column the other has the same value.
bool determines(const RecordSet& records, std::size_t one, std::size_t other) {
  std::map<Value, Value> seen;
  for (std::size_t row = 0; row < static_cast<std::size_t>(records.rows); ++row) {
    const Value value = meant_value(records.columns[other], row);
    if (seen.emplace(meant_value(records.columns[one], row), value).first->second != value) return false;
  }
  return true;
}

}  // namespace

std::vector<std::string> giveaways(const ComparedTables& tables, const std::vector<RecordRule>& rules,
                                   const std::string& target) {
  std::vector<bool> known(tables.columns.size());
  for (std::size_t c = 0; c < known.size(); ++c) known[c] = tables.columns[c].name == target;
  const auto tell = [&](std::size_t told, std::size_t teller) {
    const bool news = known[told] && !known[teller];
    if (news) known[teller] = true;
    return news;
  };
  for (bool more = true; more;) {
    more = false;
    for (const RecordRule& rule : rules) {
      if (rule.kind != RecordRule::Kind::copy && rule.kind != RecordRule::Kind::look_up) continue;
      const std::size_t told = rule.column, teller = rule.others[0];
      if (tell(told, teller)) more = true;
      if (known[teller] && !known[told] && determines(tables.real, told, teller)) known[told] = more = true;
    }
  }
  std::vector<std::string> names;
  for (std::size_t c = 0; c < known.size(); ++c)
    if (known[c] && tables.columns[c].name != target) names.push_back(tables.columns[c].name);
  return names;
}

ComparedTables without_columns(const ComparedTables& tables, const std::vector<std::string>& names) {
  ComparedTables out;
  out.real.rows = tables.real.rows;
  out.synthetic.rows = tables.synthetic.rows;
  if (tables.held_out) out.held_out.emplace().rows = tables.held_out->rows;
  for (std::size_t c = 0; c < tables.columns.size(); ++c) {
    if (std::ranges::find(names, tables.columns[c].name) != names.end()) continue;
    out.columns.push_back(tables.columns[c]);
    out.real.columns.push_back(tables.real.columns[c]);
    out.synthetic.columns.push_back(tables.synthetic.columns[c]);
    if (tables.held_out) out.held_out->columns.push_back(tables.held_out->columns[c]);
  }
  return out;
}

}  // namespace agon::host
