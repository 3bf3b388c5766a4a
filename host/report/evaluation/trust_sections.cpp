// The sections of utility and of privacy.
#include <algorithm>
#include <array>

#include "host/report/evaluation/interval_chart.hpp"
#include "host/report/evaluation/sections.hpp"
#include "host/report/markup.hpp"

namespace agon::host {
namespace {

void append_share(std::string& html, std::string_view name, const Share& share, double synthetic, double real,
                  double reverse) {
  if (!(real == real)) return;
  append(html,
         "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td class=\"figure\">{} ({} "
         "to {})</td>"
         "<td class=\"figure\">{}</td></tr>\n",
         name, figure_text(synthetic), figure_text(real), percent_text(share.value), percent_text(share.low),
         percent_text(share.high), figure_text(reverse));
}

std::string rate_text(const Rate& rate) {
  return fmt::format("{} of {} ({})", rate.hits, rate.of, percent_text(rate.share));
}

void append_copies(std::string& html, const Copies& copies) {
  html +=
      "<h3>Identity: copies of people</h3>\n<div class=\"wide\"><table>\n<tr><th>rows that</th><th "
      "class=\"figure\">"
      "synthetic</th><th class=\"figure\">held-out</th></tr>\n";
  const auto row = [&](std::string_view name, Rate CopyRates::*which) {
    append(html, "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td></tr>\n", name,
           rate_text(copies.synthetic.*which), copies.held_out ? rate_text((*copies.held_out).*which) : "-");
  };
  row("equal a real row in every cell", &CopyRates::exact);
  row("lie nearer to a real row than 99% of real rows do to each other", &CopyRates::near);
  row("equal a real row that is unlike all others", &CopyRates::exact_rare);
  row("nearly equal such a row", &CopyRates::near_rare);
  html +=
      "</table></div>\n<p class=\"note\">Rows of few columns are often equal by chance: held-out rows tell "
      "how often. "
      "Copies of rows that are unlike all others are what hurts.</p>\n";
}

void append_membership(std::string& html, const AttackPanel& panel) {
  std::vector<IntervalRow> rows;
  for (const AttackPower& attack : panel.attacks)
    rows.push_back({attack.name, attack.figures.auc, attack.auc.low, attack.auc.high});
  const std::array<IntervalMark, 2> marks{{{"a guess", 0.5}, {"best by chance", panel.by_chance.auc}}};
  append(
      html,
      "<h3>Membership: can one tell whose record was learnt?</h3>\n<section class=\"charts\">\n<figure>\n{}"
      "<figcaption>AUC of each attack with 95% intervals: {} people who were learnt, {} who were "
      "not</figcaption>\n"
      "</figure>\n<figure>\n<table>\n<tr><th>attack</th><th class=\"figure\">AUC</th><th "
      "class=\"figure\">found at 1%"
      "</th><th class=\"figure\">found at 10%</th></tr>\n",
      interval_chart_svg(rows, marks, "Who was learnt"), panel.members, panel.others);
  for (const AttackPower& attack : panel.attacks)
    append(html,
           "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td "
           "class=\"figure\">{}</td></tr>\n",
           escaped(attack.name), figure_text(attack.figures.auc), percent_text(attack.figures.found_at_1),
           percent_text(attack.figures.found_at_10));
  append(html,
         "<tr><th>best by chance</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td "
         "class=\"figure\">{}</td>"
         "</tr>\n</table>\n<figcaption>found at 1%: the share of the learnt who are found while 1% of others "
         "are taken "
         "for learnt. By chance: what the best of these attacks reaches in 95% of draws without any "
         "leak.</figcaption>\n"
         "</figure>\n</section>\n",
         figure_text(panel.by_chance.auc), percent_text(panel.by_chance.found_at_1),
         percent_text(panel.by_chance.found_at_10));
}

void append_inference(std::string& html, const AttributeInference& inference) {
  html +=
      "<h3>Attribute disclosure: can one guess a cell from the rest of a record?</h3>\n<div "
      "class=\"wide\"><table>\n"
      "<tr><th>column</th><th class=\"figure\">right for the learnt</th><th class=\"figure\">right for "
      "others</th><th "
      "class=\"figure\">risk</th></tr>\n";
  std::vector<const ColumnInference*> order;
  for (const ColumnInference& column : inference.columns) order.push_back(&column);
  std::ranges::stable_sort(order, [](const ColumnInference* a, const ColumnInference* b) {
    return a->beyond_others() > b->beyond_others();
  });
  order.resize(std::min<std::size_t>(order.size(), 10));
  for (const ColumnInference* const column : order)
    append(html,
           "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td class=\"figure\">{} "
           "({} to {})</td>"
           "</tr>\n",
           escaped(column->column), percent_text(column->risk.attack.share),
           percent_text(column->risk.control.share), figure_text(column->risk.risk),
           figure_text(column->risk.interval.low), figure_text(column->risk.interval.high));
  html +=
      "</table></div>\n<p class=\"note\">The guess is the cell of the nearest synthetic row. What can be "
      "guessed of "
      "others, too, is knowledge of the population, no leak: the risk is what is beyond it.</p>\n";
}

void append_singling_out(std::string& html, const SinglingOut& found) {
  const auto row = [&](std::string_view name, const Risk& risk) {
    append(html,
           "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td class=\"figure\">{} "
           "({} to {})"
           "</td></tr>\n",
           name, rate_text(risk.attack), rate_text(risk.control), figure_text(risk.risk),
           figure_text(risk.interval.low), figure_text(risk.interval.high));
  };
  html +=
      "<h3>Identity: singling out</h3>\n<div class=\"wide\"><table>\n<tr><th>questions by</th><th "
      "class=\"figure\">one "
      "of the learnt</th><th class=\"figure\">one of others</th><th class=\"figure\">risk</th></tr>\n";
  row("rare values", found.values);
  row("combinations of values", found.combinations);
  html +=
      "</table></div>\n<p class=\"note\">Questions that exactly one synthetic row answers with yes, and how "
      "many of "
      "them exactly one person does.</p>\n";
}

void append_closest(std::string& html, const ClosestRecords& closest) {
  append(html,
         "<details>\n<summary>Distances to the closest record</summary>\n<p>Of the synthetic rows {} ({} to "
         "{}) lie nearer to "
         "a real than to a held-out row; half is ideal. Ratio of the two nearest real rows' distances, "
         "median: {} "
         "(held-out rows: {}). 5th percentile of the distances: {} (held-out rows: {}).</p>\n<p "
         "class=\"note\">Often "
         "reported, but rows can leak without being near: do not judge privacy by these (Yao, Krčo, Ganev, "
         "de Montjoye, "
         "2025).</p>\n</details>\n",
         percent_text(closest.share), percent_text(closest.share_interval.low),
         percent_text(closest.share_interval.high), figure_text(closest.ratio_median),
         figure_text(closest.ratio_median_held_out), figure_text(closest.fifth_percentile),
         figure_text(closest.fifth_percentile_held_out));
}

}  // namespace

void append_utility(std::string& html, const Evaluation& evaluation) {
  if (!evaluation.utility) return;
  const Utility& utility = *evaluation.utility;
  append(html,
         "<h2>Utility: what a model learns from it</h2>\n<p>Boosted trees foretell <strong>{}</strong> from "
         "all other "
         "columns.</p>\n<div class=\"wide\"><table>\n<tr><th>score</th><th class=\"figure\">learnt from "
         "synthetic rows</th><th "
         "class=\"figure\">learnt from real rows</th><th class=\"figure\">share (95%)</th><th "
         "class=\"figure\">learnt from "
         "real, tested on synthetic</th></tr>\n",
         escaped(utility.target));
  const TargetScores &synthetic = utility.synthetic_on_held_out, &real = utility.real_on_held_out,
                     &reverse = utility.real_on_synthetic;
  append_share(html, "AUC", utility.auc, synthetic.auc, real.auc, reverse.auc);
  append_share(html, "F1, mean over classes", utility.f1_macro, synthetic.f1_macro, real.f1_macro,
               reverse.f1_macro);
  append_share(html, "F1 of the rarer class", utility.f1_rarer, synthetic.f1_rarer, real.f1_rarer,
               reverse.f1_rarer);
  append_share(html, "R²", utility.r2, synthetic.r2, real.r2, reverse.r2);
  append(html,
         "</table></div>\n<p class=\"note\">All but the last are tested on {} held-out rows{}. Both models "
         "rank the columns "
         "alike to {} (Spearman's correlation; two halves of the real rows: {}).</p>\n",
         utility.held_out.used,
         utility.held_out_given ? "" : ", a fifth of the real table that was set aside for this",
         figure_text(utility.column_ranks, 2), figure_text(utility.column_ranks_floor, 2));
  for (const std::string& note : utility.notes)
    append(html, "<p class=\"note\">{}.</p>\n", escaped(note, kLongestSentence));
}

void append_privacy(std::string& html, const Evaluation& evaluation) {
  const Privacy& privacy = evaluation.privacy;
  html += "<h2>Privacy</h2>\n";
  for (const std::string& missing : privacy.missing)
    append(html, "<p class=\"note\">Not measured: {}.</p>\n", escaped(missing, 400));
  append_copies(html, privacy.copies);
  if (privacy.membership) append_membership(html, *privacy.membership);
  if (privacy.inference) append_inference(html, *privacy.inference);
  if (privacy.singling_out) append_singling_out(html, *privacy.singling_out);
  if (privacy.closest) append_closest(html, *privacy.closest);
}

}  // namespace agon::host
