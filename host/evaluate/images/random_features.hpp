// What convolutional networks with random weights see in images.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/runtime/device.hpp"
#include "host/evaluate/images/image_rows.hpp"

namespace agon::host {

/// The mean and the deviation of each channel over all images, of pixels from 0 to 1.
RowScale channel_scale(const ImageSet& images);

/// A network that nobody trains: a convolution of 5 x 5, then of 3 x 3, each of stride 2 with a LeakyReLU of
/// slope 0.2, 32 channels, then 64 of all others, until a side has at most 4 pixels (two layers at least).
/// Weights are normal numbers of Philox4x32-10 by (seed, net), of variance 2 / ((1 + 0.2^2) inputs), biases
/// of deviation 0.1. Of the last layer each channel's mean over each quadrant and its greatest value are the
/// features, 5 times 64. Sources: He, Zhang, Ren, Sun, "Delving deep into rectifiers" (2015); for metrics on
/// untrained networks: Naeem, Oh, Uh, Choi, Yoo, "Reliable fidelity and diversity metrics for generative
/// models" (2020), section 4.3.
class RandomFeatures {
 public:
  static constexpr std::int64_t kWidth = 320;

  /// `channels`: by which pixels are standardised before they go in. Throws DeviceError.
  RandomFeatures(const Device& device, const ImageShape& shape, RowScale channels, std::uint64_t seed,
                 std::uint64_t net);
  RandomFeatures(RandomFeatures&&) noexcept;
  ~RandomFeatures();

  /// (images, kWidth). Memory: some 64 MiB, however many images there are.
  ImageRows of(const ImageSet& images) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace agon::host
