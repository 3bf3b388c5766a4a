// The section of models that are compared by means of a synthetic table.
#include "host/report/evaluation/sections.hpp"
#include "host/report/markup.hpp"

namespace agon::host {

void append_model_choice(std::string& html, const Evaluation& evaluation) {
  if (!evaluation.utility || !evaluation.utility->models) return;
  const ModelRanking& ranking = *evaluation.utility->models;
  append(
      html,
      "<h3>Would you have chosen the same model?</h3>\n<p>Yes, if {} kinds of models that learn from it rank "
      "as they do when they learn from real rows: {}.</p>\n<div class=\"wide\"><table>\n<tr><th>{} on {} "
      "held-out rows</th><th class=\"figure\">learnt from {} real rows</th><th class=\"figure\">from as many "
      "synthetic ones</th><th class=\"figure\">from half of the real rows</th><th class=\"figure\">from the "
      "other half</th></tr>\n",
      ranking.models.size(), escaped(choice_in_words(ranking), kLongestSentence),
      ranking.is_class ? "AUC" : "R²", ranking.held_out, ranking.rows);
  for (const RankedModel& model : ranking.models)
    append(
        html,
        "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td class=\"figure\">{}</td>"
        "<td class=\"figure\">{}</td></tr>\n",
        model.name, figure_text(model.real), figure_text(model.synthetic), figure_text(model.of_halves[0]),
        figure_text(model.of_halves[1]));
  append(html,
         "</table></div>\n<p class=\"note\">The rankings agree to {} (Spearman) and {} (Kendall's tau); "
         "those of "
         "the two halves of the real rows to {} and {}. 1: the same ranking.</p>\n",
         figure_text(ranking.synthetic.spearman, 2), figure_text(ranking.synthetic.kendall, 2),
         figure_text(ranking.floor.spearman, 2), figure_text(ranking.floor.kendall, 2));
}

}  // namespace agon::host
