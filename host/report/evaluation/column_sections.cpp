// The sections of columns and of pairs of columns.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "host/report/evaluation/bar_chart.hpp"
#include "host/report/evaluation/heat_map.hpp"
#include "host/report/evaluation/marginals.hpp"
#include "host/report/evaluation/sections.hpp"
#include "host/report/markup.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kMostCharts = 60, kMostMapped = 20, kMostPairs = 15;

double behind(const Figure& figure) { return figure.median - figure.value; }

/// Those furthest below their floor first.
template <class Part>
std::vector<std::size_t> furthest_behind(const std::vector<Part>& parts, Figure Part::*figure) {
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t i) {
    const double value = behind(parts[i].*figure);
    return std::isnan(value) ? -1 : value;
  };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return key(a) > key(b); });
  return order;
}

void append_column_table(std::string& html, const Evaluation& evaluation,
                         const std::vector<std::size_t>& order) {
  html +=
      "<details>\n<summary>All columns in figures</summary>\n<div "
      "class=\"wide\"><table>\n<tr><th>column</th><th "
      "class=\"figure\">alike</th><th class=\"figure\">floor</th><th class=\"figure\">no value</th><th "
      "class=\"figure\">real</th><th class=\"figure\">levels lost</th><th class=\"figure\">invented</th><th "
      "class=\"figure\">beyond the range</th></tr>\n";
  for (const std::size_t c : order) {
    const ColumnFidelity& column = evaluation.fidelity.columns[c];
    append(html, "<tr><th>{}</th>", escaped(evaluation.tables.columns[c].name));
    for (const std::string& text : {figure_text(column.score.value), figure_text(column.score.median),
                                    percent_text(column.missing.value), percent_text(column.real_missing),
                                    figure_text(column.lost.value, 0), percent_text(column.invented.value),
                                    percent_text(column.outside.value)})
      append(html, "<td class=\"figure\">{}</td>", text);
    html += "</tr>\n";
  }
  html += "</table></div>\n</details>\n";
}

/// The columns of the pairs that are furthest behind, in the table's order.
std::vector<std::size_t> mapped_columns(const Evaluation& evaluation) {
  std::vector<double> worst(evaluation.tables.columns.size(), -1);
  for (const PairFidelity& pair : evaluation.fidelity.pairs)
    for (const std::size_t c : {pair.first, pair.second})
      worst[c] = std::max(worst[c], behind(pair.similarity));
  std::vector<std::size_t> order(worst.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return worst[a] > worst[b]; });
  order.resize(std::min(order.size(), kMostMapped));
  std::ranges::sort(order);
  return order;
}

void append_maps(std::string& html, const Evaluation& evaluation) {
  const std::vector<std::size_t> mapped = mapped_columns(evaluation);
  const std::size_t n = mapped.size();
  std::vector<std::string> names;
  for (const std::size_t c : mapped) names.push_back(evaluation.tables.columns[c].name);
  const double none = std::nan("");
  std::vector<double> real(n * n, none), synthetic = real, difference = real;
  for (const PairFidelity& pair : evaluation.fidelity.pairs) {
    const auto first = std::ranges::find(mapped, pair.first), second = std::ranges::find(mapped, pair.second);
    if (first == mapped.end() || second == mapped.end()) continue;
    const auto i = static_cast<std::size_t>(first - mapped.begin()),
               j = static_cast<std::size_t>(second - mapped.begin());
    for (const std::size_t at : {i * n + j, j * n + i}) {
      real[at] = pair.real, synthetic[at] = pair.synthetic, difference[at] = pair.synthetic - pair.real;
    }
  }
  html += "<section class=\"charts\">\n";
  append(html, "<figure>\n{}</figure>\n<figure>\n{}</figure>\n<figure>\n{}</figure>\n",
         heat_map_svg(real, names, "Real table"), heat_map_svg(synthetic, names, "Synthetic table"),
         heat_map_svg(difference, names, "Difference"));
  html += "</section>\n";
  append(html,
         "<p class=\"note\">Two numbers: Pearson's correlation, blue below 0, orange above. With levels: "
         "Cramér's V. "
         "The stronger the colour, the farther from 0.{}</p>\n",
         n < evaluation.tables.columns.size()
             ? fmt::format(" Shown are the {} columns whose pairs differ most.", n)
             : "");
}

void append_constraints(std::string& html, const Evaluation& evaluation) {
  if (evaluation.fidelity.constraints.empty()) return;
  html +=
      "<h3>Constraints of the schema</h3>\n<div class=\"wide\"><table>\n<tr><th>constraint</th><th "
      "class=\"figure\">synthetic rows that break it</th><th class=\"figure\">real rows</th><th "
      "class=\"figure\">held-out rows</th></tr>\n";
  for (const ConstraintFidelity& one : evaluation.fidelity.constraints)
    append(html,
           "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td "
           "class=\"figure\">{}</td></tr>\n",
           escaped(one.text), percent_text(one.broken), percent_text(one.real), percent_text(one.held_out));
  html += "</table></div>\n";
}

void append_rules(std::string& html, const Evaluation& evaluation) {
  if (evaluation.fidelity.rules.empty()) return;
  html +=
      "<h3>Rules that every real row keeps</h3>\n<div class=\"wide\"><table>\n<tr><th>rule</th><th "
      "class=\"figure\">"
      "synthetic rows that break it</th><th class=\"figure\">held-out rows</th></tr>\n";
  for (const RuleFidelity& rule : evaluation.fidelity.rules)
    append(html, "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td></tr>\n",
           escaped(text_of(rule.rule, evaluation.tables.columns)), percent_text(rule.broken),
           percent_text(rule.held_out));
  html += "</table></div>\n";
}

}  // namespace

void append_columns(std::string& html, const Evaluation& evaluation, const EvaluationPage& page) {
  const auto& columns = evaluation.fidelity.columns;
  const std::vector<std::size_t> order = furthest_behind(columns, &ColumnFidelity::score);
  html += "<h2>Columns</h2>\n" + bar_chart_legend() + "<section class=\"charts\">\n";
  for (std::size_t i = 0; i < std::min(order.size(), kMostCharts); ++i) {
    const std::size_t c = order[i];
    const ComparedColumn& column = evaluation.tables.columns[c];
    const Marginal marginal =
        marginal_of(column, evaluation.tables.real.columns[c], evaluation.tables.synthetic.columns[c]);
    const auto spell = [&](double value) { return page.spell(static_cast<std::int64_t>(c), value); };
    std::string caption = fmt::format("alike to {} (real rows: {})", figure_text(columns[c].score.value),
                                      figure_text(columns[c].score.median));
    if (marginal.real_none > 0 || marginal.synthetic_none > 0)
      caption += fmt::format("; no value: {} of real rows, {} of synthetic ones",
                             percent_text(marginal.real_none), percent_text(marginal.synthetic_none));
    if (marginal.real_marked > 0 || marginal.synthetic_marked > 0)
      caption += fmt::format("; marks such as below a limit: {}, {}", percent_text(marginal.real_marked),
                             percent_text(marginal.synthetic_marked));
    if (!column.in_synthetic) caption = "The synthetic table lacks this column.";
    append(html, "<figure>\n{}<figcaption>{}</figcaption>\n</figure>\n",
           bar_chart_svg(marginal, column.name, spell), escaped(caption, 300));
  }
  html +=
      "</section>\n<p class=\"note\">Worst first. The outermost bars take in all that lies beyond. A bar "
      "that fewer "
      "than five real rows stand behind is not drawn.</p>\n";
  if (order.size() > kMostCharts)
    append(html, "<p class=\"note\">{} of {} columns are drawn.</p>\n", kMostCharts, order.size());
  append_column_table(html, evaluation, order);
}

void append_pairs(std::string& html, const Evaluation& evaluation) {
  const auto& pairs = evaluation.fidelity.pairs;
  if (pairs.empty()) return;
  html += "<h2>Pairs of columns</h2>\n";
  append_maps(html, evaluation);
  html +=
      "<h3>Pairs furthest behind their floor</h3>\n<div class=\"wide\"><table>\n<tr><th>pair</th><th "
      "class=\"figure\">"
      "alike</th><th class=\"figure\">floor</th><th class=\"figure\">real</th><th "
      "class=\"figure\">synthetic</th></tr>\n";
  const std::vector<std::size_t> order = furthest_behind(pairs, &PairFidelity::similarity);
  for (std::size_t i = 0; i < std::min(order.size(), kMostPairs); ++i) {
    const PairFidelity& pair = pairs[order[i]];
    append(html,
           "<tr><th>{} and {}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td "
           "class=\"figure\">{}"
           "</td><td class=\"figure\">{}</td></tr>\n",
           escaped(evaluation.tables.columns[pair.first].name),
           escaped(evaluation.tables.columns[pair.second].name), figure_text(pair.similarity.value),
           figure_text(pair.similarity.median), figure_text(pair.real, 2), figure_text(pair.synthetic, 2));
  }
  html += "</table></div>\n";
  append_constraints(html, evaluation);
  append_rules(html, evaluation);
}

}  // namespace agon::host
