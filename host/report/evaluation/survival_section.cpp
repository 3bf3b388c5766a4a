// The section of survival: curves of both tables over each other.
#include <algorithm>
#include <cmath>

#include "host/report/evaluation/sections.hpp"
#include "host/report/evaluation/survival_chart.hpp"
#include "host/report/markup.hpp"

namespace agon::host {
namespace {

void append_group(std::string& html, std::string_view name, const SurvivalGroup& group) {
  append(html,
         "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td class=\"figure\">{}</td>"
         "<td class=\"figure\">{}</td></tr>\n",
         name, group.people, escaped(events_text(group.events)), median_text(group.median),
         time_text(group.restricted_mean));
}

void append_survival_figure(std::string& html, std::string_view name, const Figure& figure, int decimals) {
  append(html,
         "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{} ({} to {})</td><td "
         "class=\"figure\">{}</td></tr>\n",
         name, figure_text(figure.value, decimals), figure_text(figure.median, decimals),
         figure_text(figure.low, decimals), figure_text(figure.high, decimals),
         figure_text(figure.held_out, decimals));
}

void append_left_out(std::string& html, const Survival& survival) {
  const auto left_out = [](const SurvivalGroup& group) { return group.without + group.negative; };
  const std::int64_t all = left_out(survival.real) + left_out(survival.synthetic) +
                           (survival.held_out ? left_out(*survival.held_out) : 0);
  if (all == 0) return;
  append(html,
         "<p class=\"note\">Rows without a time or an event are left out: {} of the real table, {} of the "
         "synthetic one; {} synthetic ones have a time below 0.</p>\n",
         left_out(survival.real), survival.synthetic.without, survival.synthetic.negative);
}

}  // namespace

void append_survival(std::string& html, const Evaluation& evaluation) {
  if (!evaluation.survival) return;
  const Survival& survival = *evaluation.survival;
  append(html, "<h2>Survival</h2>\n<p><strong>{}</strong> until <strong>{}</strong>.</p>\n",
         escaped(survival.time), escaped(survival.event));
  if (survival.horizon > 0)
    append(
        html,
        "<section class=\"charts\">\n<figure>\n{}<figcaption>Share of people without the event by then "
        "(Kaplan and Meier), with 95% bands: the curves should lie on each other. They end where fewer than "
        "five people are still followed.</figcaption>\n</figure>\n</section>\n",
        survival_chart_svg(survival));
  append(html,
         "<div class=\"wide\"><table>\n<tr><th>rows</th><th class=\"figure\">people</th><th "
         "class=\"figure\">events</th><th class=\"figure\">median</th><th class=\"figure\">mean up to "
         "{}</th></tr>\n",
         time_text(survival.horizon));
  append_group(html, "real", survival.real);
  append_group(html, "synthetic", survival.synthetic);
  if (survival.held_out) append_group(html, "held-out", *survival.held_out);
  html += "</table></div>\n";
  if (survival.horizon <= 0) {
    html += "<p class=\"note\">Too few people have a time and the event to compare curves.</p>\n";
    return;
  }
  html +=
      "<div class=\"wide\"><table>\n<tr><th>figure</th><th class=\"figure\">synthetic</th><th "
      "class=\"figure\">floor</th><th class=\"figure\">held-out</th></tr>\n";
  append_survival_figure(html, "largest distance of the curves", survival.distance, 3);
  append_survival_figure(html, "mean, less the real rows'", survival.mean_difference, 2);
  append_survival_figure(html, "log-rank test: p", survival.log_rank, 3);
  html += "</table></div>\n";
  append_left_out(html, survival);
}

}  // namespace agon::host
