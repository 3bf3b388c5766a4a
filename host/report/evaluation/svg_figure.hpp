// How a chart of an evaluation's page begins.
#pragma once

#include <string>
#include <string_view>

namespace agon::host {

inline constexpr double kFigureWidth = 640;

/// An svg element that an HTML page can hold, of that width, still open: its heading at the upper left. The
/// figure ends with "</svg>\n".
std::string begin_figure(double height, std::string_view heading);

}  // namespace agon::host
