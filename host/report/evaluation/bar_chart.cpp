#include "host/report/evaluation/bar_chart.hpp"

#include <algorithm>
#include <cmath>

#include "host/report/axis.hpp"
#include "host/report/evaluation/svg_figure.hpp"
#include "host/report/markup.hpp"
#include "host/report/panel.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr Rectangle kRangesBox{56, 44, 568, 190};
constexpr double kBarRow = 30, kBarNames = 190, kBarsTop = 44;

void append_bar(std::string& svg, double x, double y, double width, double height, std::string_view style) {
  if (width <= 0 || height <= 0) return;
  append(svg, R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" {}/>)", x, y, width, height,
         style);
  svg += '\n';
}

double greatest(const Marginal& marginal) {
  double most = 0;
  for (const Bar& bar : marginal.bars) most = std::max({most, bar.real, bar.synthetic});
  return most > 0 ? most : 1;
}

std::string short_percent(double share) {
  const double shown = 100 * share;
  return fmt::format("{:.{}f}%", shown, shown >= 9.95 || shown == 0 ? 0 : 1);
}

/// The synthetic shares as a line of steps.
void append_steps(std::string& svg, const Marginal& marginal, double most) {
  const double each = kRangesBox.width / static_cast<double>(marginal.bars.size());
  std::string path;
  for (std::size_t i = 0; i < marginal.bars.size(); ++i) {
    const double y = kRangesBox.bottom() - kRangesBox.height * marginal.bars[i].synthetic / most;
    const double x = kRangesBox.left + each * static_cast<double>(i);
    append(path, "{}{:.1f},{:.1f} {:.1f},{:.1f} ", i == 0 ? "M" : "L", x, y, x + each, y);
  }
  append(svg, R"(<path d="{}" class="line-synthetic" stroke-width="2.5"/>)", path);
  svg += '\n';
}

std::string ranges_svg(const Marginal& marginal, std::string_view heading,
                       const std::function<std::string(double)>& spell) {
  std::string svg = begin_figure(272, heading);
  const double most = greatest(marginal);
  const Axis y = make_axis(0, most, 5, false);
  for (const double tick : y.ticks) {
    const double at = kRangesBox.bottom() - kRangesBox.height * tick / most;
    append(svg, R"(<line class="grid" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)", kRangesBox.left,
           kRangesBox.right(), at, at);
    append_text(svg, kRangesBox.left - 6, at + 5, "end", "14px", short_percent(tick));
  }
  const double each = kRangesBox.width / static_cast<double>(marginal.bars.size());
  for (std::size_t i = 0; i < marginal.bars.size(); ++i) {
    const double height = kRangesBox.height * marginal.bars[i].real / most;
    append_bar(svg, kRangesBox.left + each * static_cast<double>(i) + 0.5, kRangesBox.bottom() - height,
               each - 1, height, R"(class="of-real" fill-opacity="0.45")");
  }
  append_steps(svg, marginal, most);
  const std::size_t apart = (marginal.edges.size() + 4) / 5;
  for (std::size_t i = 0; i < marginal.edges.size(); i += apart)
    append_text(svg, kRangesBox.left + each * static_cast<double>(i), kRangesBox.bottom() + 22,
                i == 0 ? "start" : "middle", "14px", spell(marginal.edges[i]));
  return svg + "</svg>\n";
}

std::string levels_svg(const Marginal& marginal, std::string_view heading) {
  const double height = kBarsTop + kBarRow * static_cast<double>(marginal.bars.size()) + 8;
  std::string svg = begin_figure(height, heading);
  const double most = greatest(marginal), room = kFigureWidth - kBarNames - 110;
  for (std::size_t i = 0; i < marginal.bars.size(); ++i) {
    const Bar& bar = marginal.bars[i];
    const double y = kBarsTop + kBarRow * static_cast<double>(i);
    append_text(svg, kBarNames - 8, y + 17, "end", "14px", printable(bar.label, 22));
    append_bar(svg, kBarNames, y + 2, room * bar.real / most, 10, R"(class="of-real" fill-opacity="0.6")");
    append_bar(svg, kBarNames, y + 13, room * bar.synthetic / most, 10,
               R"(class="of-synthetic" fill-opacity="0.85")");
    append_text(svg, kBarNames + room * std::max(bar.real, bar.synthetic) / most + 6, y + 17, "start", "14px",
                short_percent(bar.real) + " | " + short_percent(bar.synthetic));
  }
  return svg + "</svg>\n";
}

}  // namespace

std::string bar_chart_svg(const Marginal& marginal, std::string_view heading,
                          const std::function<std::string(double)>& spell) {
  if (!marginal.bars.empty())
    return marginal.edges.empty() ? levels_svg(marginal, heading) : ranges_svg(marginal, heading, spell);
  std::string svg = begin_figure(80, heading);
  append_text(svg, 8, 54, "start", "14px", "too few real rows have a value here to show it");
  return svg + "</svg>\n";
}

std::string bar_chart_legend() {
  return "<p class=\"note\"><span class=\"key real\"></span> real table, "
         "<span class=\"key synthetic\"></span> synthetic table; shares of all rows</p>\n";
}

}  // namespace agon::host
