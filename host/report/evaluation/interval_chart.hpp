// Figures with their intervals, one below the other.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace agon::host {

struct IntervalRow {
  std::string name;
  double value = 0, low = 0, high = 0;
};
struct IntervalMark {
  std::string name;
  double value = 0;
};

/// A dot on a line from low to high for each row, and a dashed line across all of them for each mark. An svg
/// element 640 wide that an HTML page can hold.
std::string interval_chart_svg(std::span<const IntervalRow> rows, std::span<const IntervalMark> marks,
                               std::string_view heading);

}  // namespace agon::host
