#include "host/report/audit_page.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "host/evaluate/audit/audit_rows.hpp"
#include "host/report/document.hpp"
#include "host/report/evaluation/interval_chart.hpp"
#include "host/report/evaluation/sections.hpp"
#include "host/report/markup.hpp"

namespace agon::host {
namespace {

void append_audit_head(std::string& html, const Audit& audit, const std::string& title) {
  append_document_begin(html, "Audit of " + title, fmt::format("Does {} give patients away?", title));
  append(html,
         "<p class=\"where\">{} people who were learnt and {} who were not, {} of them outliers; {} runs "
         "trained alike, each with half of these people.</p>\n</header>\n",
         audit.members, audit.others, audit.outliers, audit.shadows);
}

std::vector<IntervalRow> chart_rows(const AttackerFigures& figures) {
  std::vector<IntervalRow> rows;
  for (const AuditRow& row : audit_rows(figures)) {
    if (row.attack != "likelihood ratio") continue;
    rows.push_back(
        {row.victim + ", " + row.whom, row.power->figures.auc, row.power->auc.low, row.power->auc.high});
  }
  return rows;
}

void append_attacker(std::string& html, std::string_view heading, std::string_view words,
                     const AttackerFigures& figures) {
  const std::array<IntervalMark, 1> marks{{{"a guess", 0.5}}};
  append(html,
         "<h2>{}</h2>\n<p>{}</p>\n<section class=\"charts\">\n<figure style=\"max-width: "
         "46rem\">\n{}<figcaption>AUC of the likelihood "
         "ratios, with 95% intervals</figcaption>\n</figure>\n</section>\n<div class=\"wide\"><table>\n"
         "<tr><th>victim</th><th>attack</th><th>on</th><th class=\"figure\">AUC (95%)</th><th "
         "class=\"figure\">found at 1%</th><th class=\"figure\">found at 0.1%</th></tr>\n",
         heading, words, interval_chart_svg(chart_rows(figures), marks, "Who was learnt"));
  for (const AuditRow& row : audit_rows(figures)) {
    const DecisionPower& power = *row.power;
    append(html,
           "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td "
           "class=\"figure\">{}</td></tr>\n",
           row.victim, row.attack, row.whom, audit_figure(power.figures.auc, power.auc),
           audit_share(power.figures.found_at_1, power.found_at_1),
           audit_share(power.figures.found_at_01, power.found_at_01));
  }
  html += "</table></div>\n";
}

void append_audit_about(std::string& html, const AboutRows& about) {
  html +=
      "<p class=\"note\">Found at 1%: the share of the learnt that is found while 1% of others are taken for "
      "learnt; by chance 1%. Too few: fewer others were decided on than make one such error. Any run: "
      "each of the runs trained alike is attacked in turn. One threshold: the same score without the runs "
      "trained alike; what they add is the difference.</p>\n";
  append_about(html, "What was audited", about);
}

}  // namespace

std::string audit_page_html(const Audit& audit, const std::string& title, const AboutRows& about) {
  std::string html;
  append_audit_head(html, audit, title);
  const std::array judgements{&audit.of_checkpoint, &audit.of_table};
  append_verdict(html, judgements);
  append_attacker(html, "Who has the checkpoint",
                  "The attacker puts a person's record before the discriminator, and looks at its logit.",
                  audit.checkpoint);
  append_attacker(html, "Who has a synthetic table alone",
                  "The attacker looks at how near synthetic rows come to a person's record.", audit.table);
  append_audit_about(html, about);
  append_document_end(html);
  return html;
}

}  // namespace agon::host
