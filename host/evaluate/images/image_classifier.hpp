// A classifier of images by their random features, and what it sees in synthetic ones.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/evaluate/images/image_rows.hpp"
#include "host/evaluate/images/jackknife.hpp"
#include "host/evaluate/rates.hpp"

namespace agon::host {

/// Multinomial logistic regression with a ridge: the least of -sum_i log p(label_i | x_i) + penalty |W|^2 /
/// 2, by at most 60 steps with one curvature that bounds the true one everywhere, 1/2 sum_i x_i x_i^T +
/// penalty: the first step from 0 is ridge regression. Source: Böhning, "Multinomial logistic regression
/// algorithm" (1992).
class ImageClassifier {
 public:
  /// `labels` (rows): 0 to classes - 1. penalty: rows / 100.
  ImageClassifier(const ImageRows& rows, std::span<const std::int32_t> labels, int classes);
  /// (rows, classes)
  ImageRows logits(const ImageRows& rows) const;

 private:
  std::int64_t classes_;
  std::vector<double> weights_;  // (classes, width + 1), the intercept last
};

/// In place: each row's logits become probabilities.
void to_probabilities(ImageRows& logits);

struct ClassifierFigures {
  std::vector<std::string> names;  ///< of the classes
  std::int64_t learnt = 0;         ///< images that it learnt from
  Rate accuracy;                   ///< of real images that it has not seen
  /// Shares of images by the class that it takes them for; `trained`: of the training images, by their
  /// labels.
  std::vector<double> trained, synthetic, floor;
  /// Classes that make up at least a tenth of their share of the real images in the floor.
  int present = 0;
  ImageFigure share_distance;  ///< total variation between those shares and `trained`
  ImageFigure confidence;      ///< mean of the likeliest class's probability
  ImageFigure entropy;         ///< mean of a row's entropy, nats
  /// exp of the mean of KL(p(y | x) || mean p(y)): the inception score's formula with this classifier.
  /// Source: Salimans, Goodfellow, Zaremba, Cheung, Radford, Chen, "Improved techniques for training GANs"
  /// (2016), section 4.
  ImageFigure score;
  /// Fréchet distance to the training images' logits. The classifier knows these: images that it knows, too,
  /// come below the floor.
  ImageFigure distance;
  /// Whether fewer than five training images have that label: no name of so few people is shown.
  bool is_rare(std::size_t c) const;
  std::optional<Rate> agreement;  ///< synthetic images that it takes for what they are labelled
};

/// What the classifier is asked for: features and labels, in random order.
struct ClassifiedImages {
  const ImageRows& features;
  std::span<const std::int32_t> labels;
};
/// `synthetic`'s labels may be empty.
ClassifierFigures classify_images(const ClassifiedImages& train, const ClassifiedImages& floor,
                                  const ClassifiedImages& synthetic, const std::vector<std::string>& names);

}  // namespace agon::host
