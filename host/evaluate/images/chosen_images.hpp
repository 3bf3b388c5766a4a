// Which images of each set are compared.
#pragma once

#include <cstdint>
#include <vector>

namespace agon::host {

/// Every figure is between `reference` training images on one side and `compared` on the other: synthetic
/// ones, and for the floor as many real ones that are not among the reference. So a figure's bias by the
/// number of images is that of its floor.
struct ComparedImages {
  std::int64_t train = 0, held_out = 0, synthetic = 0;  ///< given
  std::int64_t reference = 0, compared = 0;
  /// The floor is of held-out images where there are 500, or half as many as training images; else the
  /// training images are cut into two halves.
  bool floor_is_held_out = false;
};

struct ChosenImages {
  ComparedImages compared;
  std::vector<std::int64_t> reference, floor, synthetic;  ///< indices, in random order
};

/// Of so many images, at most `most` of each set. The same for a seed.
ChosenImages choose_images(std::int64_t train, std::int64_t held_out, std::int64_t synthetic,
                           std::int64_t most, std::uint64_t seed);

}  // namespace agon::host
