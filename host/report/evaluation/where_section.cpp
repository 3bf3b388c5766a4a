// The pairs of columns and the regions that tell synthetic rows from real ones.
#include "host/report/evaluation/sections.hpp"
#include "host/report/markup.hpp"

namespace agon::host {

void append_telling_pairs(std::string& html, const Evaluation& evaluation) {
  if (evaluation.explanation.pairs.empty()) return;
  html +=
      "<h3>Which pairs of columns give it away</h3>\n<p class=\"note\">What two columns tell together, "
      "beyond what "
      "each tells by itself, with its share of all that pairs tell (exact Shapley interaction "
      "values).</p>\n<ol "
      "class=\"plain\">\n";
  for (const TellingPair& pair : evaluation.explanation.pairs)
    append(html, "<li><strong>{} and {}</strong> ({}): {}</li>\n", escaped(pair.first), escaped(pair.second),
           percent_text(pair.share), escaped(pair.words, kLongestSentence));
  html += "</ol>\n";
}

void append_regions(std::string& html, const Evaluation& evaluation) {
  const Regions& regions = evaluation.regions;
  if (regions.leaves == 0) return;
  html += "<h3>Where in the table</h3>\n";
  if (regions.worst.empty()) {
    html += "<p>Nowhere are synthetic rows too many or too few by more than chance.</p>\n";
    return;
  }
  html +=
      "<div class=\"wide\"><table>\n<tr><th>rows with</th><th class=\"figure\">of real rows</th><th "
      "class=\"figure\">of synthetic rows</th></tr>\n";
  for (const Region& region : regions.worst)
    append(html, "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td></tr>\n",
           escaped(region.words, kLongestSentence), percent_text(region.real_share),
           percent_text(region.synthetic_share));
  append(html,
         "</table></div>\n<p class=\"note\">A shallow decision tree looked for them in two thirds of the "
         "rows; the "
         "shares are of the others, {} real and {} synthetic ones. Shown is what chance makes of one in a "
         "hundred "
         "trees at most.</p>\n",
         regions.real_rows, regions.synthetic_rows);
}

}  // namespace agon::host
