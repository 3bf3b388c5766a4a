#include "host/plot/loss_curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <vector>

#include "host/plot/panel.hpp"

namespace agon::host {
namespace {

using kernels::StepStatistics;

constexpr double kWidth = 960, kHeight = 670;
constexpr Rectangle kLossBox{64, 84, 872, 262}, kOutputBox{64, 416, 872, 190};
constexpr std::size_t kMostBins = 436;  // two pixels each
// Okabe and Ito's blue and vermilion: apart for every kind of colour vision.
constexpr const char *kBlue = "#0072B2", *kVermilion = "#D55E00";

Series make_series(const char* label, const char* colour, std::span<const StepStatistics> steps,
                   float StepStatistics::*member) {
  std::vector<double> x, y;
  for (const StepStatistics& step : steps) {
    x.push_back(static_cast<double>(step.step));
    y.push_back(step.*member);
  }
  return {label, colour, make_bins(x, y, kMostBins)};
}

struct Extent {
  double low = 0, high = 1;
};

// Of all that was drawn, least to largest.
Extent whole_extent(std::span<const Series> series) {
  Extent extent{.low = 0, .high = -std::numeric_limits<double>::infinity()};
  for (const Series& one : series) {
    for (const Bin& bin : one.bins) {
      if (bin.count == 0) continue;
      extent.low = std::min(extent.low, bin.least);
      extent.high = std::max(extent.high, bin.largest);
    }
  }
  return extent.low <= extent.high ? extent : Extent{};
}

// Of every mean, and of the bands but for the outermost hundredth at either end: one spike must not flatten
// the rest.
Extent steady_extent(std::span<const Series> series) {
  std::vector<double> lows, highs;
  Extent extent{.low = 0, .high = -std::numeric_limits<double>::infinity()};
  for (const Series& one : series) {
    for (const Bin& bin : one.bins) {
      if (bin.count == 0) continue;
      lows.push_back(bin.least);
      highs.push_back(bin.largest);
      extent.low = std::min(extent.low, bin.mean);
      extent.high = std::max(extent.high, bin.mean);
    }
  }
  if (lows.empty()) return {};
  std::ranges::sort(lows, std::greater{});
  std::ranges::sort(highs);
  const std::size_t most = (lows.size() - 1) * 99 / 100;
  return {.low = std::min(extent.low, lows[most]), .high = std::max(extent.high, highs[most])};
}

Axis step_axis(std::span<const StepStatistics> steps) {
  const double first = steps.empty() ? 0 : static_cast<double>(steps.front().step);
  const double last = steps.empty() ? 1 : static_cast<double>(steps.back().step);
  return make_axis(first <= 1 ? 0 : first, last, 9, false);
}

using TwoSeries = std::array<Series, 2>;

// On an axis of their own extent, but for single steps far outside of it.
void draw_unbounded(std::string& svg, const Rectangle& box, const Axis& x, const TwoSeries& series,
                    const char* heading) {
  const Extent whole = whole_extent(series), steady = steady_extent(series);
  const double margin = 0.2 * (steady.high - steady.low);
  const bool spikes = whole.high > steady.high + margin || whole.low < steady.low - margin;
  const Extent& shown = spikes ? steady : whole;
  const Axis y = make_axis(shown.low, shown.high, 7, true);
  Panel panel(svg, box, x, y);
  panel.draw_axes(heading);
  panel.draw_legend(series);
  for (const Series& one : series) panel.draw(one);
  if (whole.high > y.high || whole.low < y.low) {
    panel.draw_note(fmt::format("cut off: single steps from {:.3g} to {:.3g}", whole.low, whole.high));
  }
}

void draw_losses(std::string& svg, const Axis& x, std::span<const StepStatistics> steps) {
  draw_unbounded(svg, kLossBox, x,
                 {make_series("discriminator", kBlue, steps, &StepStatistics::discriminator_loss),
                  make_series("generator", kVermilion, steps, &StepStatistics::generator_loss)},
                 "loss");
}

void draw_outputs(std::string& svg, const Axis& x, std::span<const StepStatistics> steps, bool probability) {
  const TwoSeries series = {make_series("D(real)", kBlue, steps, &StepStatistics::output_real),
                            make_series("D(fake)", kVermilion, steps, &StepStatistics::output_fake)};
  if (!probability) return draw_unbounded(svg, kOutputBox, x, series, "mean logit");
  Panel panel(svg, kOutputBox, x, make_axis(0, 1, 6, true));
  panel.draw_axes("mean probability of being real");
  panel.draw_legend(series);
  for (const Series& one : series) panel.draw(one);
  panel.draw_reference(0.5, "D cannot tell");
}

}  // namespace

std::string loss_curve_svg(std::span<const StepStatistics> steps, std::string_view title,
                           kernels::Objective objective) {
  std::string svg = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "role=\"img\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
      kWidth, kHeight);
  append_text(svg, kLossBox.left, 34, "start", "600 18px", title);
  const Axis x = step_axis(steps);
  draw_losses(svg, x, steps);
  draw_outputs(svg, x, steps, kernels::is_probability(objective));
  append_text(
      svg, kOutputBox.left + kOutputBox.width / 2, kHeight - 18, "middle", "13px",
      steps.size() > kMostBins ? "step (line: mean of neighbouring steps; band: least to largest)" : "step");
  return svg + "</svg>\n";
}

}  // namespace agon::host
