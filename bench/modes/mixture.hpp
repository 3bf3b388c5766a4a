// Mixtures whose modes are known, on which mode coverage can be counted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/table/table.hpp"

namespace agon::host {

/// Modes of equal weight. A point is its mode's centre plus N(0, deviation^2) in every column.
struct Mixture {
  std::string name;
  std::string text;               ///< what it is, in a line
  std::int64_t width = 2;         ///< columns
  std::vector<double> centres{};  ///< (modes, width), row-major
  double deviation = 0;           ///< 0: every point is a centre
  /// Columns of each one-hot group, of which every combination is a mode; 0: the modes are free points.
  std::int64_t group = 0;

  std::int64_t modes() const { return static_cast<std::int64_t>(centres.size()) / width; }
  std::span<const double> centre(std::int64_t mode) const {
    return {centres.data() + mode * width, static_cast<std::size_t>(width)};
  }
};

/// - ring: 8 modes at angles 2 pi i / 8 on the unit circle, deviation 0.01 (as in VEEGAN, and in the
///   published configuration of PacGAN's experiments);
/// - grid: 25 modes, {-4, -2, 0, 2, 4}^2, deviation 0.05 (the same);
/// - random: 25 modes drawn uniformly from [-4, 4]^2 by the seed, each at least 1, twenty deviations of 0.05,
///   from those before it, so that no point is within three deviations of two of them (ours);
/// - thousand: three groups of ten columns, one column of each group 1 and the others 0: all 1000
///   combinations. StackedMNIST (Metz et al., "Unrolled GANs", 2017) without the pictures: its three digits,
///   and for its classifier the largest column of each group.
/// `seed` is that of the random one. Throws ConfigurationError on another name.
Mixture make_mixture(std::string_view name, std::uint64_t seed);

/// Every name that it knows, in that order.
std::span<const std::string_view> mixture_names();

/// `count` points, (count, width) row-major. Each point's mode is drawn uniformly, as PacGAN draws them, so
/// the modes' shares are not exactly equal. Point i of set `set` depends on (mixture, seed, set, i) alone.
std::vector<double> draw_points(const Mixture& mixture, std::int64_t count, std::uint64_t seed,
                                std::uint64_t set);

/// The same as a table to learn from, set 0, with the columns' statistics: standardise() and restore() take
/// it to a network and back without rounding. Throws ConfigurationError where a column is constant: there are
/// too few points.
Table training_table(const Mixture& mixture, std::int64_t points, std::uint64_t seed);

}  // namespace agon::host
