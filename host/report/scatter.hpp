// Samples in the plane, and where they should lie.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace agon::host {

/// A standalone SVG document: `samples` as dots, `centres` as crosses, both (n, 2) row-major and finite, one
/// centre at least. Both axes show the centres' extent and a quarter of it around, at the same scale; how
/// many samples lie outside is said, under `result`, what came of them in a line of up to 100 letters.
std::string scatter_svg(std::span<const double> samples, std::span<const double> centres,
                        std::string_view title, std::string_view result);

}  // namespace agon::host
