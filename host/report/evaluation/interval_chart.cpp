#include "host/report/evaluation/interval_chart.hpp"

#include <algorithm>

#include "host/report/axis.hpp"
#include "host/report/evaluation/svg_figure.hpp"
#include "host/report/markup.hpp"
#include "host/report/panel.hpp"

namespace agon::host {
namespace {

constexpr double kIntervalsLeft = 150, kIntervalsTop = 64, kIntervalRow = 30, kRoom = 460;

}  // namespace

std::string interval_chart_svg(std::span<const IntervalRow> rows, std::span<const IntervalMark> marks,
                               std::string_view heading) {
  double low = rows.empty() ? 0 : rows[0].low, high = rows.empty() ? 1 : rows[0].high;
  for (const IntervalRow& row : rows) low = std::min(low, row.low), high = std::max(high, row.high);
  for (const IntervalMark& mark : marks) low = std::min(low, mark.value), high = std::max(high, mark.value);
  const Axis axis = make_axis(low, high, 6, true);
  const auto at = [&](double value) { return kIntervalsLeft + kRoom * axis.fraction(value); };
  const double bottom = kIntervalsTop + kIntervalRow * static_cast<double>(rows.size());
  std::string svg = begin_figure(bottom + 36, heading);
  for (const double tick : axis.ticks) {
    append(svg, R"(<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>)", at(tick),
           kIntervalsTop, bottom);
    append_text(svg, at(tick), bottom + 22, "middle", "14px", axis.label(tick));
  }
  for (const IntervalMark& mark : marks) {
    append(
        svg,
        R"(<line class="axis" stroke-dasharray="5 4" stroke-width="1.5" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>)",
        at(mark.value), kIntervalsTop - 6, bottom);
    append_text(svg, at(mark.value), kIntervalsTop - 12,
                at(mark.value) > kFigureWidth - 120 ? "end" : "middle", "14px", mark.name);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double y = kIntervalsTop + kIntervalRow * (static_cast<double>(i) + 0.5);
    append_text(svg, kIntervalsLeft - 10, y + 5, "end", "14px", rows[i].name);
    append(
        svg,
        R"(<line x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}" class="line-synthetic" stroke-width="3" stroke-opacity="0.5"/><circle cx="{:.1f}" cy="{:.1f}" r="5" class="of-synthetic"/>)",
        at(rows[i].low), at(rows[i].high), y, y, at(rows[i].value), y);
    svg += '\n';
  }
  return svg + "</svg>\n";
}

}  // namespace agon::host
