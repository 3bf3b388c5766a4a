#include "host/report/series.hpp"

#include <algorithm>
#include <cmath>

namespace agon::host {
namespace {

Bin make_bin(std::span<const double> x, std::span<const double> y) {
  Bin bin;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(y[i])) continue;
    bin.least = bin.count == 0 ? y[i] : std::min(bin.least, y[i]);
    bin.largest = bin.count == 0 ? y[i] : std::max(bin.largest, y[i]);
    ++bin.count;
    bin.x += (x[i] - bin.x) / static_cast<double>(bin.count);
    bin.mean += (y[i] - bin.mean) / static_cast<double>(bin.count);
  }
  return bin;
}

}  // namespace

std::vector<Bin> make_bins(std::span<const double> x, std::span<const double> y, std::size_t most_bins) {
  const std::size_t bins = std::min(x.size(), most_bins);
  std::vector<Bin> result;
  for (std::size_t b = 0; b < bins; ++b) {
    const std::size_t begin = b * x.size() / bins, end = (b + 1) * x.size() / bins;
    result.push_back(make_bin(x.subspan(begin, end - begin), y.subspan(begin, end - begin)));
  }
  return result;
}

}  // namespace agon::host
