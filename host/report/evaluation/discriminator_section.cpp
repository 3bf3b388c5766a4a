// What a run's discriminator still looks at.
#include <algorithm>

#include "host/report/evaluation/sections.hpp"
#include "host/report/markup.hpp"

namespace agon::host {

void append_discriminator(std::string& html, const Evaluation& evaluation) {
  if (!evaluation.discriminator) return;
  const DiscriminatorView& view = *evaluation.discriminator;
  append(html,
         "<h3>What D still looks at</h3>\n<p>{} Its mean verdict is {} of real rows and {} of synthetic "
         "ones; the higher, the more real.</p>\n<div class=\"wide\"><table>\n<tr><th>column</th><th "
         "class=\"figure\">share</th><th class=\"figure\">synthetic rows</th><th class=\"figure\">real "
         "rows</th><th>D would have it</th></tr>\n",
         escaped(kAboutDiscriminator, kLongestSentence), figure_text(view.real_logit, 2),
         figure_text(view.synthetic_logit, 2));
  for (std::size_t i = 0; i < std::min<std::size_t>(view.columns.size(), 10); ++i) {
    const ViewedColumn& column = view.columns[i];
    append(html,
           "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td "
           "class=\"figure\">{}</td><td>{}</td></tr>\n",
           escaped(column.column), percent_text(column.share), figure_text(column.synthetic),
           figure_text(column.real),
           !column.upward       ? "-"
           : *column.upward > 0 ? "larger"
                                : "smaller");
  }
  html +=
      "</table></div>\n<p class=\"note\">By how much a usual change of the column moves D's verdict (mean "
      "size of "
      "its gradient, times the spread of what D reads of the column).</p>\n";
}

}  // namespace agon::host
