#include "host/report/evaluation/svg_figure.hpp"

#include "host/report/markup.hpp"
#include "host/report/panel.hpp"

namespace agon::host {

std::string begin_figure(double height, std::string_view heading) {
  std::string svg;
  append(svg, R"(<svg class="chart" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">)", kFigureWidth,
         height, escaped(heading));
  svg += '\n';
  append_text(svg, 8, 22, "start", "600 16px", heading);
  return svg;
}

}  // namespace agon::host
