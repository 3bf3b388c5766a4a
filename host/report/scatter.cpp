#include "host/report/scatter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "host/report/panel.hpp"

namespace agon::host {
namespace {

constexpr double kScatterWidth = 720, kScatterHeight = 780;
constexpr Rectangle kScatterBox{64, 64, 628, 628};

}  // namespace

std::string scatter_svg(std::span<const double> samples, std::span<const double> centres,
                        std::string_view title, std::string_view result) {
  double low[2], high[2];
  std::fill(low, low + 2, std::numeric_limits<double>::infinity());
  std::fill(high, high + 2, -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < centres.size(); ++i) {
    low[i % 2] = std::min(low[i % 2], centres[i]);
    high[i % 2] = std::max(high[i % 2], centres[i]);
  }
  const double extent = std::max({high[0] - low[0], high[1] - low[1], 1e-9});
  const auto axis = [&](int c) {
    const double middle = (low[c] + high[c]) / 2, half = 0.75 * extent;
    return make_axis(middle - half, middle + half, 7, false);
  };
  std::string svg = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "role=\"img\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
      kScatterWidth, kScatterHeight);
  Panel panel(svg, kScatterBox, axis(0), axis(1));
  panel.draw_axes(title);
  // Okabe and Ito's blue and vermilion: apart for every kind of colour vision.
  const std::size_t outside = panel.draw_points(samples, 3, "#0072B2", 0.35);
  panel.draw_crosses(centres, "#D55E00");
  append_text(svg, kScatterBox.left + kScatterBox.width / 2, kScatterHeight - 40, "middle", "13px", result);
  append_text(svg, kScatterBox.left + kScatterBox.width / 2, kScatterHeight - 18, "middle", "13px",
              fmt::format("{} samples; crosses: the modes' centres{}", samples.size() / 2,
                          outside > 0 ? fmt::format("; {} samples lie outside", outside) : ""));
  return svg + "</svg>\n";
}

}  // namespace agon::host
