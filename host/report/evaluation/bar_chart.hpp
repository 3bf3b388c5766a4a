// A column's values in two tables, as bars.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "host/report/evaluation/marginals.hpp"

namespace agon::host {

/// An svg element that an HTML page can hold, 640 wide. Ranges of numbers: the real table's shares as bars,
/// the synthetic one's as a line over them. Levels: two bars each, side by side. `heading` stands above;
/// `spell` gives an edge its text. Without bars: empty axes, and why.
std::string bar_chart_svg(const Marginal& marginal, std::string_view heading,
                          const std::function<std::string(double)>& spell);

/// A legend's entries for all such charts of a page, as HTML.
std::string bar_chart_legend();

}  // namespace agon::host
