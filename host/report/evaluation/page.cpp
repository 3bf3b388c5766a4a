#include "host/report/evaluation/page.hpp"

#include "host/report/evaluation/sections.hpp"
#include "host/report/markup.hpp"
#include "host/report/page_style.hpp"

namespace agon::host {
namespace {

constexpr std::string_view kEvaluationStyle = R"(
.verdict { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; margin: 1rem 0; }
.verdict section { padding: 1rem; border: 1px solid var(--line); border-left-width: 8px; border-radius: 6px; background: var(--card); }
.verdict h2 { margin: 0 0 0.25rem; }
.verdict ul, .plain { margin: 0.5rem 0 0; padding-left: 1.25rem; }
.green { border-left-color: var(--green) !important; } .amber { border-left-color: var(--yellow) !important; }
.red { border-left-color: var(--orange) !important; } .unknown { border-left-color: var(--soft) !important; }
.light { font-weight: 600; }
td.figure, th.figure { text-align: right; white-space: nowrap; }
.wide { overflow-x: auto; }
.of-real { fill: var(--blue); } .of-synthetic { fill: var(--orange); } .line-synthetic { fill: none; stroke: var(--orange); }
.key { display: inline-block; width: 1em; height: 0.8em; }
.key.real { background: var(--blue); opacity: 0.6; } .key.synthetic { background: var(--orange); }
details { margin: 0.5rem 0; } summary { cursor: pointer; color: var(--soft); }
@media print { body { max-width: none; padding: 0; } figure, .verdict section { break-inside: avoid; } }
)";

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
  append_verdict(html, evaluation.verdict);
  append_table_warnings(html, evaluation.tables);
  append_likeness(html, evaluation);
  append_telling_pairs(html, evaluation);
  append_regions(html, evaluation);
  append_discriminator(html, evaluation);
  append_columns(html, evaluation, page);
  append_pairs(html, evaluation);
  append_utility(html, evaluation);
  append_model_choice(html, evaluation);
  append_survival(html, evaluation);
  append_privacy(html, evaluation);
  append_row(html, evaluation);
  append_compared(html, evaluation, page);
  return html + "</body>\n</html>\n";
}

}  // namespace agon::host
