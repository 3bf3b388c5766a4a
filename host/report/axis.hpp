// An axis with round ticks.
#pragma once

#include <string>
#include <vector>

namespace agon::host {

struct Axis {
  double low = 0, high = 1;   ///< low < high
  std::vector<double> ticks;  ///< ascending multiples of `spacing` within [low, high]
  double spacing = 0;         ///< 1, 2 or 5 times a power of ten
  bool logarithmic = false;   ///< the ticks are then powers of ten, or those and 2 and 5 times them

  /// 0 at low, 1 at high.
  double fraction(double value) const;
  /// The tick's text, as short as the spacing allows: "0.25", "1500", "2.5M"; on a logarithmic axis "0.02",
  /// "1e-05".
  std::string label(double tick) const;
};

/// At most `most_ticks` (two or more) ticks within [low, high]; a range of one value is widened. With
/// `outward` the axis ends at ticks that enclose the range, else exactly at its ends. Both must be finite.
Axis make_axis(double low, double high, int most_ticks, bool outward);

/// A logarithmic axis that ends at ticks which enclose the range, as far as it lies within 1e-300 and 1e300,
/// with at most `most_ticks` (six or more) of them. Both must be finite and above 0.
Axis make_logarithmic_axis(double low, double high, int most_ticks);

}  // namespace agon::host
