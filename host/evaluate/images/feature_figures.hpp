// How alike two sets of images are by their features: kernel distance, density and coverage, precision and
// recall.
#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/images/image_rows.hpp"
#include "host/evaluate/images/jackknife.hpp"
#include "host/evaluate/images/row_products.hpp"

namespace agon::host {

/// Sums over pairs of images of k(x, y) = (x y / width + 1)^3, by the jackknife groups of both.
struct KernelGroups {
  std::int64_t rows = 0, columns = 0;
  std::vector<double> sum;  ///< (kJackknifeGroups, kJackknifeGroups)
};

/// What a set of features has by itself.
struct FeatureSet {
  ImageRows features;
  std::vector<float> squared_length;  ///< (rows)
  std::vector<float> third2, fifth2;  ///< (rows): squared distances to the 3rd and 5th nearest other row
  KernelGroups kernel;                ///< of pairs of different rows
};
/// Of fewer other rows than 3 or 5 the farthest stands in.
FeatureSet feature_set(const RowProducts& products, ImageRows features);

struct FeatureFigures {
  /// The unbiased squared maximum mean discrepancy with that kernel; of one distribution 0 in the mean, and
  /// as often below 0 as above. Source: Binkowski, Sutherland, Arbel, Gretton, "Demystifying MMD GANs"
  /// (2018), section 4; its error is here the jackknife's instead of that of drawn subsets.
  Jackknifed kernel;
  /// Of the balls around real rows that reach to their 5th nearest: as CoverageFigures has them
  /// (host/evaluate/distances/coverage.hpp).
  Jackknifed density, coverage;
  /// The share of made rows in any real row's ball that reaches to its 3rd nearest real row; of real rows in
  /// any made row's. Source: Kynkaanniemi, Karras, Laine, Lehtinen, Aila, "Improved precision and recall
  /// metric for assessing generative models" (2019), k = 3. Smooth images lie in the middle of real ones: of
  /// them density and precision are above what real images have, and recall below; of noisy ones recall is
  /// above.
  Jackknifed precision, recall;
};
/// Errors of the last four are of the rows counted; the balls stay as they are.
FeatureFigures compare_features(const RowProducts& products, const FeatureSet& real, const FeatureSet& made);

}  // namespace agon::host
