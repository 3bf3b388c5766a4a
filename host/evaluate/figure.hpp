// A figure of the synthetic table beside the same figure of rows that are real.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace agon::host {

struct Figure {
  double value = 0;
  /// The floor: of two samples of the real table's rows, drawn with replacement, as many as the real and the
  /// synthetic table have. The median of the draws, their 5th and 95th percentile.
  double median = 0, low = 0, high = 0;
  double held_out = 0;  ///< of the held-out table against the real one; NaN where there is none
};

/// `drawn`: the figure of each draw of the floor; NaN of those in which it is undefined, which do not count.
Figure figure_beside(double value, double held_out, std::vector<double> drawn);

/// What is undefined is null.
nlohmann::ordered_json figure_json(const Figure& figure);

}  // namespace agon::host
