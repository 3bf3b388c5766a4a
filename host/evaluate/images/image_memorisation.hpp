// Whether synthetic images are training images: nearest neighbours, against those of real images.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/evaluate/images/image_rows.hpp"
#include "host/evaluate/images/row_products.hpp"
#include "host/evaluate/rates.hpp"

namespace agon::host {

/// What distances are taken between: pixels, averaged over squares where a side is above 32 until none is,
/// so that what is compared is the picture and not its noise: of the images `which` (which, values), 0 to
/// 255.
ImageRows small_pixels(const ImageSet& images, std::span<const std::int64_t> which);

/// An image's nearest training image and the next: distances are roots of the mean squared difference of
/// their values, in grey levels, exact but for the choice of the four that are looked at by products of
/// floats.
struct NearestImage {
  std::int64_t index = -1;
  double distance = 0, next = 0;  ///< infinity where there is no such image
};
/// `first`: query i is training image first + i, which does not count; -1: none is.
std::vector<NearestImage> nearest_images(const RowProducts& products, const ImageRows& queries,
                                         const ImageRows& train, std::int64_t first = -1);

/// Distances to the nearest, from the smallest on.
std::vector<double> rising_distances(const std::vector<NearestImage>& nearest);

struct ClosePair {
  std::int64_t synthetic = 0, train = 0;  ///< images
  double distance = 0;
  double nearer = 0;  ///< share of the yardstick that is as near to a training image, or nearer
};
/// Of `rising` those of `distance` or less.
double share_as_near(const std::vector<double>& rising, double distance);

struct ImageMemorisation {
  /// Images that are byte for byte a training image: of all synthetic ones, and of all held-out ones.
  Rate exact, exact_held_out;
  std::int64_t distinct = 0;  ///< synthetic images that differ, of all
  /// What follows is of so many images; a held-out image's distances are the yardstick. Of fewer than 100
  /// held-out images a training image's to the others are: `yardstick_is_held_out` is then false.
  std::int64_t searched = 0, synthetic = 0, yardstick = 0;
  bool yardstick_is_held_out = false;
  double median = 0, yardstick_median = 0;  ///< distance to the nearest training image
  /// Synthetic images nearer to a training image than all but 1% of the yardstick's: a generator that has
  /// learnt the distribution has 1%. Images that are smoother than real ones are nearer to all.
  double near_distance = 0;
  Rate near;
  /// Synthetic images that are nearer to one training image, for how near the next one is, than all but 1% of
  /// the yardstick's: smoothness does not count here. A training image that is there twice goes unseen.
  double single_ratio = 0;
  Rate single;
  std::vector<ClosePair> closest;  ///< the nearest pairs, at most 20, nearest first
  std::vector<ClosePair> beside;   ///< of the synthetic images that were asked for
};

struct MemorisationOptions {
  std::int64_t most_images = 10'000;  ///< synthetic ones, and of the yardstick
  std::int64_t most_values =
      100'000'000;  ///< of the pixels of those that are searched, as small_pixels has them
  std::uint64_t seed = 1;
  std::vector<std::int64_t> beside;  ///< synthetic images whose nearest training image is wanted
};
/// Of images of one shape; `train` has two or more, `synthetic` one or more, `held_out` may have none.
ImageMemorisation find_memorised(const RowProducts& products, const ImageSet& train, const ImageSet& held_out,
                                 const ImageSet& synthetic, const MemorisationOptions& options = {});

}  // namespace agon::host
