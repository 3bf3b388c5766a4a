// An axis with round ticks.
#pragma once

#include <string>
#include <vector>

namespace agon::host {

struct Axis {
  double low = 0, high = 1;   ///< low < high
  std::vector<double> ticks;  ///< ascending multiples of `spacing` within [low, high]
  double spacing = 0;         ///< 1, 2 or 5 times a power of ten

  /// 0 at low, 1 at high.
  double fraction(double value) const { return (value - low) / (high - low); }
  /// The tick's text, as short as the spacing allows: "0.25", "1500", "2.5M".
  std::string label(double tick) const;
};

/// At most `most_ticks` (two or more) ticks within [low, high]; a range of one value is widened. With
/// `outward` the axis ends at ticks that enclose the range, else exactly at its ends. Both must be finite.
Axis make_axis(double low, double high, int most_ticks, bool outward);

}  // namespace agon::host
