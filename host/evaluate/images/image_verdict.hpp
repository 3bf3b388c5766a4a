// What an evaluation of images comes to, in plain words.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/evaluate/verdict.hpp"

namespace agon::host {

struct ImageEvaluation;

struct ImageVerdict {
  Judgement likeness, completeness, privacy;
};

/// How much a figure may fall behind real images' before a light changes: conventions of this program, as
/// VerdictLimits are. "Beyond the floor" is the gap between the two 95% intervals: 0 where they touch.
/// tests/host/image_verdict_test.cpp holds them against images that are wrong in known ways.
struct ImageVerdictLimits {
  using Limit = VerdictLimits::Limit;
  /// Wavelet packet distance beyond the floor, as a share of how much the training images vary: a generator
  /// that draws their mean image alone has 1.
  Limit wavelet{0.02, 0.10};
  Limit precision{0.05, 0.25};  ///< share of synthetic images that lie among real ones, below the floor
  Limit coverage{0.05, 0.25};   ///< share of real images with a synthetic one around, below the floor
  Limit recall{0.05, 0.25};     ///< share of real images that lie among synthetic ones, below the floor
  Limit classes{0.05, 0.20};    ///< total variation between shares of classes, beyond the floor
  double lost_class = 0.10;     ///< red: a class has less than this part of its share of real images
  Limit copies{0.001, 0.01};    ///< share that is byte for byte a training image, above held-out images'
  Limit single{0.02, 0.05};  ///< lower end of the share that is too near to one training image; 1% by chance
};

/// Whether a verdict on privacy found more than other real images have.
inline bool gives_away(const Judgement& privacy) {
  return privacy.light == Light::amber || privacy.light == Light::red;
}

ImageVerdict judge(const ImageEvaluation& evaluation, const ImageVerdictLimits& limits = {});

nlohmann::ordered_json to_json(const ImageVerdict& verdict);
/// A line for each: the question, its light and its answer.
std::string in_short(const ImageVerdict& verdict);
/// The same; below each, its reasons.
std::string to_text(const ImageVerdict& verdict);

}  // namespace agon::host
