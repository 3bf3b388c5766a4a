#include "host/report/evaluation/heat_map.hpp"

#include <algorithm>
#include <cmath>

#include "host/report/evaluation/svg_figure.hpp"
#include "host/report/markup.hpp"
#include "host/report/panel.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr double kMapNames = 160, kMapTop = 150;

void append_square(std::string& svg, double x, double y, double side, double value, std::string_view title) {
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
  const double side = (kFigureWidth - kMapNames - 8) / static_cast<double>(std::max<std::size_t>(n, 1));
  std::string svg = begin_figure(kMapTop + side * static_cast<double>(n) + 8, heading);
  for (std::size_t row = 0; row < n; ++row) {
    const double y = kMapTop + side * static_cast<double>(row),
                 x = kMapNames + side * static_cast<double>(row);
    const std::string name = printable(names[row], 17);
    append_text(svg, kMapNames - 6, y + side / 2 + 5, "end", "14px", name);
    append(
        svg,
        R"-(<text x="{0:.1f}" y="{1:.1f}" transform="rotate(-60 {0:.1f} {1:.1f})" style="font:14px sans-serif">{2}</text>)-",
        x + side / 2 + 4, kMapTop - 6, escaped(name));
    svg += '\n';
    for (std::size_t column = 0; column < n; ++column) {
      const double value = values[row * n + column];
      if (std::isnan(value)) continue;
      append_square(svg, kMapNames + side * static_cast<double>(column), y, side - 1, value,
                    fmt::format("{} and {}: {:.2f}", escaped(names[row]), escaped(names[column]), value));
    }
  }
  append(
      svg,
      R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="none" class="axis" stroke="currentColor" stroke-opacity="0.3"/>)",
      kMapNames, kMapTop, side * static_cast<double>(n), side * static_cast<double>(n));
  return svg + "\n</svg>\n";
}

}  // namespace agon::host
