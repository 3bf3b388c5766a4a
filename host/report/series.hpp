// Long series of points made short enough to draw.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace agon::host {

/// What lies in one slice of the x axis. `x` is the mean of the points' x; with count 0 the rest means
/// nothing.
struct Bin {
  double x = 0, mean = 0, least = 0, largest = 0;
  std::int64_t count = 0;
};

/// Cuts points (x[i], y[i]), x ascending, into at most `most_bins` slices of equal numbers of points, in
/// order; one point each where they are few. Points whose y is not finite are not counted.
std::vector<Bin> make_bins(std::span<const double> x, std::span<const double> y, std::size_t most_bins);

struct Series {
  std::string label;
  std::string colour;  ///< as CSS writes it
  std::vector<Bin> bins;
};

}  // namespace agon::host
