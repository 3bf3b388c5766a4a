#include "host/report/evaluation/page.hpp"

#include <array>

#include "host/report/evaluation/sections.hpp"
#include "host/report/markup.hpp"
#include "host/run/console.hpp"

namespace agon::host {
namespace {

void append_table_warnings(std::string& html, const ComparedTables& tables) {
  if (tables.warnings.empty()) return;
  html += "<section class=\"alarm\">\n<strong>Warnings</strong>\n<ul>\n";
  for (const std::string& warning : tables.warnings)
    append(html, "<li>{}</li>\n", escaped(warning, kLongestSentence));
  html += "</ul>\n</section>\n";
}

}  // namespace

std::string compared_rows_text(const ComparedTables& tables) {
  const auto count = [](std::int64_t rows) { return grouped(static_cast<std::uint64_t>(rows)); };
  std::string text = fmt::format("{} synthetic rows beside {} real ones", count(tables.synthetic.rows),
                                 count(tables.real.rows));
  if (tables.held_out)
    text += fmt::format(" and {} held-out ones, real rows that the generator never saw",
                        count(tables.held_out->rows));
  return text + ". Beside each figure stands its floor: what real rows get.";
}

void append_evaluation(std::string& html, const Evaluation& evaluation, const EvaluationPage& page) {
  const Verdict& verdict = evaluation.verdict;
  const std::array judgements{&verdict.likeness, &verdict.usefulness, &verdict.privacy};
  append_verdict(html, judgements);
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
}

void append_compared(std::string& html, const Evaluation& evaluation, const EvaluationPage& page) {
  AboutRows rows = page.about;
  std::string names;
  for (const std::string& name : evaluation.tables.left_out) names += (names.empty() ? "" : ", ") + name;
  if (!names.empty()) rows.emplace_back("left out", names + " (identifiers, free text, ignored columns)");
  append_about(html, "What was compared", rows);
}

}  // namespace agon::host
