#include "host/report/evaluation/page.hpp"

#include <array>

#include "host/report/evaluation/evaluation_style.hpp"
#include "host/report/evaluation/sections.hpp"
#include "host/report/markup.hpp"
#include "host/report/page_style.hpp"

namespace agon::host {
namespace {

void append_evaluation_head(std::string& html, const Evaluation& evaluation, const EvaluationPage& page) {
  append(
      html,
      "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta "
      "charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<title>How far to trust {0} - agon</title>\n<style>{1}{2}</style>\n</head>\n<body>\n<header>\n<h1>How "
      "far to trust {0}</h1>\n",
      escaped(page.title), kPageStyle, kEvaluationStyle);
  const ComparedTables& tables = evaluation.tables;
  append(html, "<p class=\"where\">{} synthetic rows beside {} real ones", tables.synthetic.rows,
         tables.real.rows);
  if (tables.held_out)
    append(html, " and {} held-out ones, real rows that the generator never saw", tables.held_out->rows);
  html += ". Beside each figure stands its floor: what real rows get.</p>\n</header>\n";
}

void append_table_warnings(std::string& html, const ComparedTables& tables) {
  if (tables.warnings.empty()) return;
  html += "<section class=\"alarm\">\n<strong>Warnings</strong>\n<ul>\n";
  for (const std::string& warning : tables.warnings)
    append(html, "<li>{}</li>\n", escaped(warning, kLongestSentence));
  html += "</ul>\n</section>\n";
}

void append_compared(std::string& html, const Evaluation& evaluation, const EvaluationPage& page) {
  html += "<h2>What was compared</h2>\n<div class=\"wide\"><table>\n";
  const auto row = [&](std::string_view label, std::string_view text) {
    append(html, "<tr><th>{}</th><td>{}</td></tr>\n", escaped(label), escaped(text, kLongestSentence));
  };
  for (const auto& [label, text] : page.about) row(label, text);
  std::string names;
  for (const std::string& name : evaluation.tables.left_out) names += (names.empty() ? "" : ", ") + name;
  if (!names.empty()) row("left out", names + " (identifiers, free text, ignored columns)");
  html += "</table></div>\n";
}

}  // namespace

std::string evaluation_page_html(const Evaluation& evaluation, const EvaluationPage& page) {
  std::string html;
  append_evaluation_head(html, evaluation, page);
  const Verdict& verdict = evaluation.verdict;
  const std::array judgements{&verdict.likeness, &verdict.usefulness, &verdict.privacy};
  append_verdict(html, judgements);
  append_table_warnings(html, evaluation.tables);
  append_likeness(html, evaluation);
  append_columns(html, evaluation, page);
  append_pairs(html, evaluation);
  append_utility(html, evaluation);
  append_privacy(html, evaluation);
  append_compared(html, evaluation, page);
  return html + "</body>\n</html>\n";
}

}  // namespace agon::host
