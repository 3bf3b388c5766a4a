#include "host/report/evaluation/survival_chart.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "host/report/axis.hpp"
#include "host/report/evaluation/svg_figure.hpp"
#include "host/report/markup.hpp"
#include "host/report/panel.hpp"

namespace agon::host {
namespace {

constexpr Rectangle kCurvesBox{84, 60, 536, 220};
constexpr double kRiskTop = 334, kRiskLine = 20;

struct DrawnGroup {
  const SurvivalGroup* group;
  std::string name, colour;
};

std::vector<DrawnGroup> drawn_groups(const Survival& survival) {
  std::vector<DrawnGroup> groups{{&survival.real, "real", "var(--blue)"}};
  if (survival.held_out) groups.push_back({&*survival.held_out, "held-out", "var(--green)"});
  groups.push_back({&survival.synthetic, "synthetic", "var(--orange)"});
  return groups;
}

/// Level up to the next time, then down.
Series steps_of(const DrawnGroup& drawn) {
  Series series{drawn.name, drawn.colour, {}};
  const std::vector<CurvePoint>& curve = drawn.group->curve;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const CurvePoint& point = curve[i];
    series.bins.push_back({point.time, point.survival, point.band.low, point.band.high, 1});
    if (i + 1 < curve.size())
      series.bins.push_back({curve[i + 1].time, point.survival, point.band.low, point.band.high, 1});
  }
  return series;
}

/// The last point of the curve that is not later.
std::string at_risk_text(const SurvivalGroup& group, double time) {
  const auto after = std::ranges::upper_bound(group.curve, time, {}, &CurvePoint::time);
  if (after == group.curve.begin() || (after == group.curve.end() && time > group.curve.back().time))
    return "";
  return std::to_string(std::prev(after)->at_risk);
}

}  // namespace

std::string survival_chart_svg(const Survival& survival) {
  const std::vector<DrawnGroup> groups = drawn_groups(survival);
  const double height = kRiskTop + kRiskLine * static_cast<double>(groups.size()) + 8;
  std::string svg = begin_figure(height, "Survival");
  const Axis time = make_axis(0, survival.horizon, 7, false);
  Panel panel(svg, kCurvesBox, time, make_axis(0, 1, 6, true));
  panel.draw_axes("");
  std::vector<Series> series;
  for (const DrawnGroup& group : groups) series.push_back(steps_of(group));
  panel.draw_legend(series);
  for (const Series& one : series) panel.draw(one);
  append_text(svg, 8, kRiskTop - 14, "start", "13px", "still followed, at " + survival.time);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const double y = kRiskTop + kRiskLine * (static_cast<double>(i) + 0.3);
    append_text(svg, 8, y, "start", "13px", groups[i].name);
    for (const double tick : time.ticks)
      append_text(svg, kCurvesBox.left + kCurvesBox.width * time.fraction(tick), y, "middle", "12px",
                  at_risk_text(*groups[i].group, tick));
  }
  return svg + "</svg>\n";
}

}  // namespace agon::host
