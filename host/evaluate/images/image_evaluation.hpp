// An evaluation of synthetic images: every figure beside what real images get.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runtime/device.hpp"
#include "host/evaluate/images/chosen_images.hpp"
#include "host/evaluate/images/given_features.hpp"
#include "host/evaluate/images/image_classifier.hpp"
#include "host/evaluate/images/image_memorisation.hpp"
#include "host/evaluate/images/image_verdict.hpp"
#include "host/evaluate/images/jackknife.hpp"
#include "host/images/image_set.hpp"

namespace agon::host {

struct ImageEvaluationOptions {
  std::uint64_t seed = 1;             ///< of which images are compared, of networks, places and directions
  std::int64_t most_images = 10'000;  ///< of each set that are compared
  std::int64_t most_values = 100'000'000;  ///< of each set: fewer images where they are large
  /// Called as each part begins, with its name.
  std::function<void(std::string_view part)> begins = [](std::string_view) {};
};

struct WaveletFigures {
  int level = 0;
  ImageShape packet{};   ///< of coefficients
  ImageFigure distance;  ///< host/evaluate/images/wavelet_distance.hpp
  /// The reference's variances of all coefficients, over the number of packets: the distance of a set that
  /// has its mean image alone.
  double spread = 0;
  std::vector<double> packets, floor_packets;  ///< of each packet, in natural order
};

/// Means over networks with random weights (host/evaluate/images/random_features.hpp).
struct RandomFeatureFigures {
  int networks = 0;
  ImageFigure kernel, density, coverage, precision, recall;  ///< host/evaluate/images/feature_figures.hpp
};

struct SlicedPatchFigures {
  std::int64_t images = 0;  ///< of either side
  std::int64_t patches_of_image = 0, directions = 0;
  ImageFigure mean;                 ///< over levels
  std::vector<ImageShape> shapes;   ///< of the levels
  std::vector<ImageFigure> levels;  ///< host/evaluate/images/pyramid_distance.hpp
};

/// A synthetic image, and the training images nearest to it.
struct BesideReal {
  ClosePair pixels;  ///< in grey levels
  /// In deviations of a feature of the random networks; of the training images that are compared.
  ClosePair features;
};

struct ImageEvaluation {
  ImageShape shape{};
  std::uint64_t seed = 1;
  ComparedImages compared;
  WaveletFigures wavelet;
  RandomFeatureFigures features;
  std::optional<GivenFeatureFigures> given;  ///< of a network that the user brought; no light goes by it
  SlicedPatchFigures sliced;
  std::optional<ClassifierFigures> classifier;  ///< where the real images are labelled, with two classes
  ImageMemorisation memorisation;
  std::vector<BesideReal> beside;  ///< of the first of the compared synthetic images, at most 12
  ImageVerdict verdict;
};

/// `held_out` may have no image. Throws DataError where sets differ in shape or in their classes, where there
/// are fewer than 40 training or 20 synthetic images, or where images are too large for so many; DeviceError.
ImageEvaluation evaluate_images(const ImageSet& train, const ImageSet& held_out, const ImageSet& synthetic,
                                const ImageEvaluationOptions& options, const Device& device);

/// Every figure; what is undefined is null.
nlohmann::ordered_json to_json(const ImageEvaluation& evaluation);

/// For a terminal, about 110 places wide. Ends with a newline.
std::string to_text(const ImageEvaluation& evaluation);

}  // namespace agon::host
