#include "host/report/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/table/round_bounds.hpp"

namespace agon::host {
Axis make_axis(double low, double high, int most_ticks, bool outward) {
  if (!(high - low > 1e-12 * std::max(std::abs(low), std::abs(high)))) {
    const double margin = low == 0 ? 1 : 0.1 * std::abs(low);
    low -= margin;
    high += margin;
  }
  Axis axis{.low = low, .high = high, .ticks = {}, .spacing = round_up((high - low) / (most_ticks - 1))};
  if (outward) {
    axis.low = std::floor(low / axis.spacing + 1e-9) * axis.spacing;
    axis.high = std::ceil(high / axis.spacing - 1e-9) * axis.spacing;
  }
  const double first = std::ceil(axis.low / axis.spacing - 1e-9);
  const double last = std::floor(axis.high / axis.spacing + 1e-9);
  for (double tick = first; tick <= last; ++tick) axis.ticks.push_back(tick * axis.spacing + 0.0);
  return axis;
}

std::string Axis::label(double tick) const {
  if (logarithmic) return fmt::format("{:.6g}", tick);
  const double largest = std::max(std::abs(low), std::abs(high));
  const bool millions = largest >= 1e6 && largest < 1e9, wild = largest >= 1e9 || spacing < 1e-5;
  if (tick == 0) return "0";
  if (wild) return fmt::format("{:.2e}", tick);
  const double unit = millions ? 1e6 : 1;
  const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(spacing / unit) + 1e-9)));
  return fmt::format("{:.{}f}{}", tick / unit, decimals, millions ? "M" : "");
}

double Axis::fraction(double value) const {
  if (logarithmic) return std::log10(value / low) / std::log10(high / low);
  return (value - low) / (high - low);
}

Axis make_logarithmic_axis(double low, double high, int most_ticks) {
  low = std::clamp(low, 1e-300, 1e300), high = std::clamp(high, low, 1e300);
  // Exact decimals where std::pow may be an ulp off.
  const auto power = [](int exponent) { return std::stod(fmt::format("1e{}", exponent)); };
  const int first = static_cast<int>(std::floor(std::log10(low))),
            last = static_cast<int>(std::ceil(std::log10(high)));
  const int decades = std::max(1, last - first);
  Axis axis{.low = 0, .high = 0, .ticks = {}, .spacing = 0, .logarithmic = true};
  if (3 * decades + 1 <= most_ticks) {
    for (int e = first; e < first + decades; ++e) {
      for (const double factor : {1.0, 2.0, 5.0}) axis.ticks.push_back(factor * power(e));
    }
    axis.ticks.push_back(power(first + decades));
  } else {
    const int stride = (decades + most_ticks - 2) / (most_ticks - 1);
    for (int e = first; e < last + stride; e += stride) axis.ticks.push_back(power(e));
  }
  while (axis.ticks.size() > 2 && axis.ticks[1] <= low) axis.ticks.erase(axis.ticks.begin());
  while (axis.ticks.size() > 2 && axis.ticks[axis.ticks.size() - 2] >= high) axis.ticks.pop_back();
  axis.low = axis.ticks.front();
  axis.high = axis.ticks.back();
  return axis;
}

}  // namespace agon::host
