// One synthetic row that was asked for.
#include "host/report/evaluation/sections.hpp"
#include "host/report/markup.hpp"

namespace agon::host {

void append_row(std::string& html, const Evaluation& evaluation) {
  if (!evaluation.row) return;
  const DoubtedRow& row = *evaluation.row;
  append(html,
         "<h2>Row {} of the synthetic table</h2>\n<p>Boosted trees that have not learnt from it hold it for "
         "synthetic "
         "with {}.</p>\n",
         row.number, percent_text(row.probability));
  html +=
      "<div class=\"wide\"><table>\n<tr><th>column</th><th>its cell</th><th class=\"figure\">adds to the "
      "log-odds</th></tr>\n";
  for (const DoubtedCell& cell : row.cells)
    append(html, "<tr><th>{}</th><td>{}</td><td class=\"figure\">{}</td></tr>\n", escaped(cell.column),
           escaped(cell.cell), figure_text(cell.adds, 2));
  html += "</table></div>\n<ul class=\"plain\">\n";
  if (row.discriminator)
    append(html, "<li>D's verdict is {}; it takes {} of real rows for less real.</li>\n",
           figure_text(row.discriminator->logit), percent_text(row.discriminator->real_below));
  append(html, "<li>{}</li>\n", escaped(nearest_in_words(row.real, "real"), kLongestSentence));
  if (row.held_out)
    append(html, "<li>{}</li>\n", escaped(nearest_in_words(*row.held_out, "held-out"), kLongestSentence));
  html += "</ul>\n";
}

}  // namespace agon::host
