#include "host/report/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "host/report/markup.hpp"
#include "host/report/panel.hpp"

namespace agon::host {
namespace {

constexpr double kWidth = 640, kHeight = 280;
constexpr Rectangle kBox{58, 40, 566, 190};
constexpr std::size_t kMostBins = 283;    // two pixels each
constexpr std::size_t kMostBehind = 142;  // four

Series make_series(const Line& line, Scale scale, std::size_t most_bins) {
  if (scale != Scale::logarithmic)
    return {line.label, line.colour, make_bins(line.steps, line.values, most_bins)};
  std::vector<double> positive(line.values.begin(), line.values.end());
  for (double& value : positive)
    if (!(value > 0)) value = std::numeric_limits<double>::quiet_NaN();
  return {line.label, line.colour, make_bins(line.steps, positive, most_bins)};
}

std::vector<Series> make_series(const std::vector<Line>& lines, Scale scale, std::size_t most_bins) {
  std::vector<Series> series;
  for (const Line& line : lines) series.push_back(make_series(line, scale, most_bins));
  return series;
}

struct Extent {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  bool empty() const { return low > high; }
  void take(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

// Of all that was drawn, least to largest.
Extent whole_extent(std::span<const Series> series) {
  Extent extent;
  for (const Series& one : series) {
    for (const Bin& bin : one.bins) {
      if (bin.count == 0) continue;
      extent.take(bin.least);
      extent.take(bin.largest);
    }
  }
  return extent;
}

// Of every mean, and of the bands but for the outermost hundredth at either end: one spike must not flatten
// the rest.
Extent steady_extent(std::span<const Series> series) {
  std::vector<double> lows, highs;
  Extent extent;
  for (const Series& one : series) {
    for (const Bin& bin : one.bins) {
      if (bin.count == 0) continue;
      lows.push_back(bin.least);
      highs.push_back(bin.largest);
      extent.take(bin.mean);
    }
  }
  if (lows.empty()) return extent;
  std::ranges::sort(lows, std::greater{});
  std::ranges::sort(highs);
  const std::size_t most = (lows.size() - 1) * 99 / 100;
  extent.take(lows[most]);
  extent.take(highs[most]);
  return extent;
}

Axis step_axis(const Chart& chart) {
  return make_axis(chart.first_step <= 1 ? 0 : chart.first_step, chart.last_step, 7, false);
}

Axis value_axis(const Chart& chart, const Extent& whole, const Extent& steady) {
  constexpr int kTicks = 6;
  if (chart.scale == Scale::share) return make_axis(0, 1, kTicks, true);
  const double margin = 0.2 * (steady.high - steady.low);
  const bool spikes = whole.high > steady.high + margin || whole.low < steady.low - margin;
  Extent shown = spikes && chart.scale != Scale::logarithmic ? steady : whole;
  if (chart.scale == Scale::from_zero) shown.take(0);
  for (const auto& reference : chart.references) shown.take(reference.value);
  if (shown.empty()) shown = {1, 10};
  if (chart.scale == Scale::logarithmic) return make_logarithmic_axis(shown.low, shown.high, kTicks + 1);
  return make_axis(shown.low, shown.high, kTicks, true);
}

/// Of a chart without a point.
std::string_view why_empty(const Chart& chart) {
  const bool measured =
      std::ranges::any_of(chart.lines, [](const Line& line) { return !line.steps.empty(); });
  if (!measured) return "nothing has been measured yet";
  return chart.scale == Scale::logarithmic ? "no value is above 0" : "no value is finite";
}

}  // namespace

std::string chart_svg(const Chart& chart) {
  std::string svg =
      fmt::format("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
                  kHeight, escaped(chart.heading));
  const std::vector<Series> series = make_series(chart.lines, chart.scale, kMostBins);
  const Extent whole = whole_extent(series);
  const Axis y = value_axis(chart, whole, steady_extent(series));
  Panel panel(svg, kBox, step_axis(chart), y);
  panel.draw_axes(chart.heading);
  panel.draw_legend(series);
  for (const Series& one : make_series(chart.behind, chart.scale, kMostBehind))
    panel.draw_faint(one.bins, one.colour);
  for (const Series& one : series) panel.draw(one);
  for (const auto& reference : chart.references) panel.draw_reference(reference.value, reference.label);
  if (whole.empty())
    append_text(svg, kBox.left + kBox.width / 2, kBox.top + kBox.height / 2, "middle", "14px",
                why_empty(chart));
  else if (whole.high > y.high || whole.low < y.low) {
    panel.draw_note(fmt::format("cut off: single steps from {:.3g} to {:.3g}", whole.low, whole.high));
  }
  append_text(svg, kBox.left + kBox.width / 2, kHeight - 10, "middle", "14px", "step");
  return svg + "</svg>\n";
}

bool is_thinned(const Chart& chart) {
  return std::ranges::any_of(chart.lines, [](const Line& line) { return line.steps.size() > kMostBins; });
}

}  // namespace agon::host
