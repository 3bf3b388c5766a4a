// Images by the features of a network that the user brings: from files, without the network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/runtime/device.hpp"
#include "host/evaluate/images/chosen_images.hpp"
#include "host/evaluate/images/image_rows.hpp"
#include "host/evaluate/images/jackknife.hpp"

namespace agon::host {

/// A row of features for each image, in the images' order.
struct GivenFeatures {
  ImageRows real, held_out, synthetic;  ///< held_out may have no row
};

/// From safetensors files: the tensors "real" (n, d), "synthetic" (m, d) and, where it is there, "held_out"
/// (k, d), each in one of the files, of F64, F32, F16 or BF16; d up to 2048. Throws DataError, one line with
/// the file, where a file cannot be read or is damaged, or a tensor is missing, has another name, type or
/// shape, or holds a number that is not finite or beyond a million.
GivenFeatures read_features(const std::vector<std::string>& paths);

/// Throws DataError where there is not a row for each of so many images.
void require_rows(const GivenFeatures& features, std::int64_t real, std::int64_t held_out,
                  std::int64_t synthetic);

struct GivenFeatureFigures {
  std::int64_t width = 0;   ///< features
  ComparedImages compared;  ///< without held-out features the floor is of halves
  /// Of all rows: FID's formula, if the features are Inception's. Of few images too large.
  double frechet_of_all = 0;
  ImageFigure frechet;                               ///< host/evaluate/images/frechet.hpp
  ImageFigure kernel;                                ///< host/evaluate/images/feature_figures.hpp
  ImageFigure density, coverage, precision, recall;  ///< likewise

  /// Covariances of no more images than features say little: the Fréchet distance is mostly its bias.
  bool few() const { return compared.compared <= width; }
};

/// Features as they are, not standardised, at most `most` of each set. Throws DeviceError, and DataError
/// where there are fewer than 40 real or 20 synthetic rows.
GivenFeatureFigures given_feature_figures(const GivenFeatures& features, std::int64_t most,
                                          std::uint64_t seed, const Device& device);

}  // namespace agon::host
