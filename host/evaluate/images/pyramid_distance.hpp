// How far apart two sets of images lie by their patches, band by band of a Laplacian pyramid.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/evaluate/images/image_rows.hpp"
#include "host/evaluate/images/jackknife.hpp"

namespace agon::host {

struct PyramidLevel {
  ImageShape shape{};
  std::vector<float> values;  ///< (height, width, channels)
};

/// Levels of which each side has 14 pixels or more, one at least: 28 and 14 pixels of an image of 28. The
/// paper stops at 16.
int pyramid_levels(const ImageShape& image);

/// The finest level first: each level less what the next, coarser one says of it, the last as it is. Down is
/// the filter (1 4 6 4 1) / 16 both ways and every other pixel, from the first; up is zeroes between, the
/// same filter and times 4. Beyond an edge the image is mirrored in its last pixel. Source: Burt, Adelson,
/// "The Laplacian pyramid as a compact image code" (1983).
std::vector<PyramidLevel> laplacian_pyramid(std::span<const std::uint8_t> image, const ImageShape& shape,
                                            int levels);

/// `per_image` patches of each image at random places, the same of image i of every set: 7 x 7 pixels (or the
/// smaller side), of each level of the pyramid: (images x per_image, patch), one set of rows for each level.
std::vector<ImageRows> pyramid_patches(const ImageSet& images, std::int64_t per_image, std::uint64_t seed);

/// In place, each channel by its mean and deviation over all patches.
void normalise_patches(ImageRows& patches, std::int64_t channels);

/// Rows of length 1 that prefer no direction: (directions, width).
ImageRows random_directions(std::int64_t directions, std::int64_t width, std::uint64_t seed);

/// The sliced Wasserstein-1 distance of `real` to each of `others`, equally many rows of either: the mean
/// over directions of the mean difference of the sorted projections; groups are left out by images of
/// `per_image` rows. Source: Karras, Aila, Laine, Lehtinen, "Progressive growing of GANs for improved
/// quality, stability, and variation" (2018), section 5; each set is normalised by itself there, so that a
/// shift of brightness or contrast goes unseen.
std::vector<Jackknifed> patch_distances(const ImageRows& real, std::span<const ImageRows> others,
                                        const ImageRows& directions, std::int64_t per_image);

}  // namespace agon::host
