#include "host/report/evaluation/heat_map.hpp"

#include <algorithm>
#include <cmath>

#include "host/report/markup.hpp"
#include "host/report/panel.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr double kWidth = 640, kNames = 160, kTop = 150;

void append_cell(std::string& svg, double x, double y, double side, double value, std::string_view title) {
  const double strength = std::min(std::abs(value), 1.0);
  append(
      svg,
      R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="of-{}" fill-opacity="{:.2f}"><title>{}</title></rect>)",
      x, y, side, side, value < 0 ? "real" : "synthetic", strength, title);
  svg += '\n';
}

}  // namespace

std::string heat_map_svg(const std::vector<double>& values, const std::vector<std::string>& names,
                         std::string_view heading) {
  const std::size_t n = names.size();
  const double side = (kWidth - kNames - 8) / static_cast<double>(std::max<std::size_t>(n, 1));
  std::string svg;
  append(svg, R"(<svg class="chart" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">)", kWidth,
         kTop + side * static_cast<double>(n) + 8, escaped(heading));
  svg += '\n';
  append_text(svg, 8, 22, "start", "600 16px", heading);
  for (std::size_t row = 0; row < n; ++row) {
    const double y = kTop + side * static_cast<double>(row), x = kNames + side * static_cast<double>(row);
    const std::string name = printable(names[row], 17);
    append_text(svg, kNames - 6, y + side / 2 + 5, "end", "14px", name);
    append(svg, R"(<text x="{0:.1f}" y="{1:.1f}" transform="rotate(-60 {0:.1f} {1:.1f})" style="font:14px sans-serif">{2}</text>)",
           x + side / 2 + 4, kTop - 6, escaped(name));
    svg += '\n';
    for (std::size_t column = 0; column < n; ++column) {
      const double value = values[row * n + column];
      if (std::isnan(value)) continue;
      append_cell(svg, kNames + side * static_cast<double>(column), y, side - 1, value,
                  fmt::format("{} and {}: {:.2f}", escaped(names[row]), escaped(names[column]), value));
    }
  }
  append(
      svg,
      R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="none" class="axis" stroke="currentColor" stroke-opacity="0.3"/>)",
      kNames, kTop, side * static_cast<double>(n), side * static_cast<double>(n));
  return svg + "\n</svg>\n";
}

}  // namespace agon::host
