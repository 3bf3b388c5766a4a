#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "host/evaluate/fidelity/fidelity_report.hpp"
#include "host/evaluate/text_grid.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kLongestName = 28;
constexpr double kWorthAWord = 0.005;  // a difference of shares

std::string score_text(double value) {
  if (std::isnan(value)) return "-";
  // 0.99996 is not 1.
  return fmt::format("{:.4f}", value < 1 ? std::min(value, 0.9999) : value);
}

/// "12.3%"; "<0.1%" of what is next to nothing.
std::string share_text_of(double share) {
  if (std::isnan(share)) return "-";
  return share > 0 && share < 0.001 ? "<0.1%" : fmt::format("{:.1f}%", 100 * share);
}

/// Ahead of words, a line of titles: "held-out" only where there is such a table.
std::vector<std::string> titles(std::vector<std::string> first, bool held_out) {
  first.insert(first.end(), {"alike", "floor", "5% to 95%"});
  if (held_out) first.push_back("held-out");
  return first;
}

void add_figure(const Figure& figure, bool held_out, std::vector<std::string>& cells) {
  cells.push_back(score_text(figure.value));
  cells.push_back(score_text(figure.median));
  cells.push_back(std::isnan(figure.low) ? "-" : score_text(figure.low) + " to " + score_text(figure.high));
  if (held_out) cells.push_back(score_text(figure.held_out));
}

std::string quality_grid(const QualityFidelity& quality, bool held_out) {
  TextGrid grid(held_out ? 4 : 3);
  grid.add(titles({""}, held_out));
  const auto add = [&](const char* name, const Figure& figure) {
    std::vector<std::string> cells{name};
    add_figure(figure, held_out, cells);
    grid.add(std::move(cells));
  };
  add("quality score", quality.score);
  add("quality score, related pairs alone", quality.related_score);
  add("  columns", quality.shapes);
  add("  pairs", quality.trends);
  add("  related pairs", quality.related_trends);
  add("pairs, by tenths of the real table", quality.by_tenths);
  return grid.text();
}

/// How far below its floor a score is; of one without floor, below 1. What is undefined comes last.
double shortfall(const Figure& score) {
  if (std::isnan(score.value)) return -1;
  return (std::isnan(score.median) ? 1 : score.median) - score.value;
}

template <class Item, class Score>
std::vector<std::size_t> worst_first(const std::vector<Item>& items, const Score& score) {
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](std::size_t i) { return shortfall(score(items[i])); });
  return order;
}

/// What a column's score does not say.
std::string remarks_of(const ColumnFidelity& column, const ComparedColumn& compared) {
  if (!compared.in_synthetic) return "the synthetic table lacks it";
  std::vector<std::string> remarks;
  const auto differ = [](double a, double b) { return std::abs(a - b) >= kWorthAWord; };
  if (differ(column.missing.value, column.real_missing))
    remarks.push_back(fmt::format("no value: {}, real {}", share_text_of(column.missing.value),
                                  share_text_of(column.real_missing)));
  for (const MarkShare& mark : column.marks)
    if (differ(mark.real, mark.synthetic))
      remarks.push_back(fmt::format("{}: {}, real {}", in_quotes(mark.spelling),
                                    share_text_of(mark.synthetic), share_text_of(mark.real)));
  if (column.lost.value > column.lost.high || column.lost_rows.value >= kWorthAWord)
    remarks.push_back(fmt::format("lost {:.0f} of {} levels ({} of real rows)", column.lost.value,
                                  compared.real_levels, share_text_of(column.lost_rows.value)));
  if (column.invented.value > 0 && column.invented.value > column.invented.high)
    remarks.push_back(fmt::format("levels that are not real: {}", share_text_of(column.invented.value)));
  if (column.outside.value >= kWorthAWord && column.outside.value > column.outside.high)
    remarks.push_back(fmt::format("beyond the real range: {}", share_text_of(column.outside.value)));
  std::string text;
  for (const std::string& remark : remarks) text += (text.empty() ? "" : "; ") + remark;
  return text;
}

std::string column_grid(const Fidelity& fidelity, const ComparedTables& tables) {
  const bool held_out = tables.held_out.has_value();
  TextGrid grid(held_out ? 4 : 3);
  grid.add(titles({"columns, worst first"}, held_out));
  for (const std::size_t c : worst_first(fidelity.columns, [](const auto& column) { return column.score; })) {
    std::vector<std::string> cells{printable(tables.columns[c].name, kLongestName)};
    add_figure(fidelity.columns[c].score, held_out, cells);
    cells.push_back(remarks_of(fidelity.columns[c], tables.columns[c]));
    grid.add(std::move(cells));
  }
  return grid.text();
}

std::string pair_grid(const Fidelity& fidelity, const ComparedTables& tables, std::size_t worst_pairs) {
  std::vector<std::size_t> order =
      worst_first(fidelity.pairs, [](const PairFidelity& pair) { return pair.by_tenths; });
  if (order.empty()) return {};
  const std::size_t all = order.size();
  order.resize(std::min(order.size(), worst_pairs));
  const bool held_out = tables.held_out.has_value();
  TextGrid grid(held_out ? 4 : 3);
  grid.add(titles({order.size() < all ? fmt::format("the worst {} of {} pairs", order.size(), all)
                                      : "pairs, worst first"},
                  held_out));
  for (const std::size_t p : order) {
    const PairFidelity& pair = fidelity.pairs[p];
    std::vector<std::string> cells{printable(tables.columns[pair.first].name, kLongestName) + " ~ " +
                                   printable(tables.columns[pair.second].name, kLongestName)};
    add_figure(pair.by_tenths, held_out, cells);
    const auto strength = [&](double value) {
      if (std::isnan(value)) return std::string("none");
      return pair.correlated ? fmt::format("{:+.3f}", value) : fmt::format("{:.3f}", value);
    };
    cells.push_back(fmt::format("{} {}, real {}; SDMetrics {}", pair.correlated ? "r" : "V",
                                strength(pair.synthetic), strength(pair.real),
                                score_text(pair.similarity.value)));
    grid.add(std::move(cells));
  }
  return '\n' + grid.text() +
         "alike: by the table of both columns' levels, numbers in tenths of the real table; r: Pearson's\n"
         "coefficient, V: Cramer's, of equally wide bins; SDMetrics: what the quality score counts\n";
}

std::string constraint_grid(const Fidelity& fidelity, const ComparedTables& tables) {
  if (fidelity.constraints.empty()) return {};
  const bool held_out = tables.held_out.has_value();
  TextGrid grid(held_out ? 3 : 2);
  const auto add = [&](std::string name, std::string broken, std::string real, std::string held) {
    std::vector<std::string> cells{std::move(name), std::move(broken), std::move(real)};
    if (held_out) cells.push_back(std::move(held));
    grid.add(std::move(cells));
  };
  add("the schema's constraints", "broken by", "real", "held-out");
  for (const ConstraintFidelity& one : fidelity.constraints)
    add(printable(one.text, 2 * kLongestName + 20), share_text_of(one.broken), share_text_of(one.real),
        share_text_of(one.held_out));
  return '\n' + grid.text();
}

std::string rule_grid(const Fidelity& fidelity, const ComparedTables& tables) {
  if (fidelity.rules.empty()) return {};
  const bool held_out = tables.held_out.has_value();
  TextGrid grid(held_out ? 2 : 1);
  const auto add = [&](std::string name, std::string broken, std::string held) {
    std::vector<std::string> cells{std::move(name), std::move(broken)};
    if (held_out) cells.push_back(std::move(held));
    grid.add(std::move(cells));
  };
  add("rules that every real row keeps", "broken by", "held-out");
  std::vector<RuleFidelity> rules = fidelity.rules;
  std::ranges::stable_sort(rules, std::greater<>(), &RuleFidelity::broken);
  for (const RuleFidelity& rule : rules)
    add(printable(text_of(rule.rule, tables.columns), 2 * kLongestName + 20), share_text_of(rule.broken),
        share_text_of(rule.held_out));
  add("rows that break any", share_text_of(fidelity.rule_breakers),
      share_text_of(fidelity.held_out_rule_breakers));
  return '\n' + grid.text();
}

}  // namespace

std::string to_text(const Fidelity& fidelity, const ComparedTables& tables, std::size_t worst_pairs) {
  const bool held_out = tables.held_out.has_value();
  std::string text = quality_grid(fidelity.quality, held_out);
  if (fidelity.draws > 0)
    text +=
        fmt::format("floor: what as many rows drawn from the real table itself get, the median of {} draws\n",
                    fidelity.draws);
  text += '\n' + column_grid(fidelity, tables) + pair_grid(fidelity, tables, worst_pairs) +
          constraint_grid(fidelity, tables) + rule_grid(fidelity, tables);
  return text;
}

}  // namespace agon::host
