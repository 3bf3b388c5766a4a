#include "host/report/evaluation/sections.hpp"

#include <cmath>

#include "host/report/evaluation/projection.hpp"
#include "host/report/markup.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

void append_figure_row(std::string& html, std::string_view name, std::string_view value,
                       std::string_view floor, std::string_view meaning) {
  append(html,
         "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td "
         "class=\"note\">{}</td></tr>\n",
         name, value, floor, meaning);
}

std::string with_range(double value, double low, double high) {
  return fmt::format("{} ({} to {})", figure_text(value), figure_text(low), figure_text(high));
}

void append_distinction(std::string& html, std::string_view name, const DetectionByModel& model) {
  const auto text = [](const Distinction& of) {
    return fmt::format("{} ± {}", figure_text(of.auc), figure_text(1.96 * of.standard_error));
  };
  append_figure_row(html, fmt::format("AUC of {}, all real rows", name), text(model.synthetic),
                    text(model.floor), "0.5: cannot tell; 1: tells every row");
  if (model.held_out)
    append_figure_row(html, fmt::format("AUC of {}, held-out rows", name), text(*model.held_out),
                      text(model.floor), "the same against rows that the generator never saw");
}

void append_explanation(std::string& html, const Explanation& explanation) {
  html +=
      "<h3>What gives it away</h3>\n<p class=\"note\">The columns by which boosted trees tell synthetic rows "
      "from "
      "real ones, worst first, with their share of all that the trees go by (exact Shapley values).</p>\n<ol "
      "class=\"plain\">\n";
  for (const Telltale& column : explanation.columns) {
    if (column.words.empty()) break;
    append(html, "<li><strong>{}</strong> ({}): {}</li>\n", escaped(column.column),
           percent_text(column.share), escaped(column.words, kLongestSentence));
  }
  html += "</ol>\n";
}

void append_projection(std::string& html, const Evaluation& evaluation) {
  const Projection plane = project(evaluation.tables, evaluation.seed);
  if (plane.real.empty()) return;
  double most = 1e-9;
  for (const double share : plane.real) most = std::max(most, share);
  html += "<section class=\"charts\">\n";
  append(html, "<figure>\n{}</figure>\n<figure>\n{}</figure>\n",
         density_svg(plane.real, most, "real", "Real rows"),
         density_svg(plane.synthetic, most, "synthetic", "Synthetic rows"));
  html +=
      "</section>\n<p class=\"note\">Both tables in the plane in which the real rows vary most; the darker, "
      "the "
      "more rows. Cells with fewer than five rows are left empty.</p>\n";
}

}  // namespace

std::string figure_text(double value, int decimals) {
  return std::isfinite(value) ? short_number(value, decimals) : "-";
}

std::string percent_text(double share) {
  if (!std::isfinite(share)) return "-";
  return share > 0 && share < 0.0005 ? "under 0.1%" : fmt::format("{:.1f}%", 100 * share);
}

void append_verdict(std::string& html, std::span<const Judgement* const> judgements) {
  html += "<div class=\"verdict\">\n";
  for (const Judgement* const one : judgements) {
    append(html, "<section class=\"{0}\">\n<h2>{1}</h2>\n<p><span class=\"light\">{0}.</span> {2}</p>\n",
           word_of(one->light), escaped(one->question), escaped(one->answer, kLongestSentence));
    if (!one->reasons.empty()) html += "<ul>\n";
    for (const std::string& reason : one->reasons)
      append(html, "<li>{}</li>\n", escaped(reason, kLongestSentence));
    html += one->reasons.empty() ? "</section>\n" : "</ul>\n</section>\n";
  }
  html +=
      "</div>\n<p class=\"note\">Lights follow fixed limits (the manual has them), not a law. No figure here "
      "is a "
      "proof: it tells what was looked for and found.</p>\n";
}

void append_likeness(std::string& html, const Evaluation& evaluation) {
  const QualityFidelity& quality = evaluation.fidelity.quality;
  html +=
      "<h2>How alike the tables are</h2>\n<div class=\"wide\"><table>\n<tr><th>figure</th><th "
      "class=\"figure\">"
      "synthetic</th><th class=\"figure\">floor</th><th>meaning</th></tr>\n";
  const auto quality_row = [&](std::string_view name, const Figure& figure, std::string_view meaning) {
    append_figure_row(html, name, figure_text(figure.value),
                      with_range(figure.median, figure.low, figure.high), meaning);
  };
  quality_row("quality", quality.score, "mean of the next two; 1: alike (SDMetrics)");
  quality_row("columns", quality.shapes, "how alike each column's values are distributed");
  quality_row("pairs", quality.trends, "how alike each two columns go together");
  quality_row("quality, related pairs", quality.related_score,
              "the same, pairs that are related alone (SDMetrics from 0.27)");
  append_distinction(html, "boosted trees", evaluation.detection.trees);
  append_distinction(html, "a logistic model", evaluation.detection.logistic);
  const Coverage& coverage = evaluation.coverage;
  const auto coverage_row = [&](std::string_view name, double CoverageFigures::*figure,
                                std::string_view meaning) {
    append_figure_row(
        html, name, figure_text(coverage.synthetic_as_floor.*figure),
        with_range(coverage.floor.*figure, coverage.floor_least.*figure, coverage.floor_greatest.*figure),
        meaning);
  };
  coverage_row("α-precision", &CoverageFigures::alpha_precision,
               "whether synthetic rows lie where real ones do; 1: yes");
  coverage_row("β-recall", &CoverageFigures::beta_recall,
               "whether every real row has a synthetic one near it; some 0.5 is all there is");
  coverage_row("density", &CoverageFigures::density,
               "synthetic rows around real ones; 1: as many as there should be");
  coverage_row("coverage", &CoverageFigures::coverage,
               "share of real rows with a synthetic one among their nearest");
  append_figure_row(html, "sliced Wasserstein distance", figure_text(evaluation.sliced.synthetic_as_floor, 4),
                    figure_text(evaluation.sliced.floor, 4), "how far apart the two clouds lie; 0: nowhere");
  html += "</table></div>\n";
  append_explanation(html, evaluation.explanation);
  append_projection(html, evaluation);
}

}  // namespace agon::host
