#include "host/evaluate/models/giveaways.hpp"

#include <algorithm>

namespace agon::host {

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
      const bool both_ways = rule.kind == RecordRule::Kind::copy;
      if (!both_ways && rule.kind != RecordRule::Kind::look_up) continue;
      more = tell(rule.column, rule.others[0]) || (both_ways && tell(rule.others[0], rule.column)) || more;
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
