// A matrix of figures as colours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace agon::host {

/// `values` (n, n) in [-1, 1], NaN for none; `names` (n). Blue is below 0, orange above, the stronger the
/// farther; cells are titled with both names and the figure. An svg element 640 wide that an HTML page can
/// hold.
std::string heat_map_svg(const std::vector<double>& values, const std::vector<std::string>& names,
                         std::string_view heading);

}  // namespace agon::host
