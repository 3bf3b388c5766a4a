// How sure a figure of two sets of images is: the grouped jackknife.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/evaluate/rates.hpp"

namespace agon::host {

/// Groups of images that are left out, one after the other, of both sets at once. A group is a run of images,
/// so their order has to be random.
inline constexpr int kJackknifeGroups = 10;

/// The first image of a group; of `kJackknifeGroups`: `count`.
constexpr std::int64_t group_start(std::int64_t group, std::int64_t count) {
  return group * count / kJackknifeGroups;
}
std::int64_t group_size(std::int64_t group, std::int64_t count);
/// The group of image `index`.
std::int64_t group_of(std::int64_t index, std::int64_t count);

/// A figure of all images, and without each group.
struct Jackknifed {
  double value = 0;
  std::vector<double> without;  ///< (kJackknifeGroups)

  /// By `of(group)`, the figure without that group; -1: of all.
  template <class Of>
  static Jackknifed by(const Of& of) {
    Jackknifed figure{of(-1), {}};
    for (int group = 0; group < kJackknifeGroups; ++group) figure.without.push_back(of(group));
    return figure;
  }
};

/// The mean of the values, each of one image.
Jackknifed mean_of_images(std::span<const double> values);
/// The mean of several figures of the same images.
Jackknifed mean_of_figures(std::span<const Jackknifed> figures);

/// 95% by Student's t of kJackknifeGroups - 1 degrees of freedom. Source: Shao, Wu, "A general theory for
/// jackknife variance estimation" (1989): the variance is (G - 1) / G sum_g (without_g - their mean)^2.
Interval interval_of(const Jackknifed& figure);

/// A figure of synthetic images beside the same of as many real ones that are not among those compared with.
struct ImageFigure {
  double value = 0;
  Interval interval;
  double floor = 0;  ///< the real ones'
  Interval floor_interval;
};
ImageFigure beside_floor(const Jackknifed& synthetic, const Jackknifed& floor);

}  // namespace agon::host
