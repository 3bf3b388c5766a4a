// Boosted trees, by XGBoost (Chen, Guestrin, KDD 2016).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "host/evaluate/models/trees/features.hpp"

namespace agon::host {

/// Defaults are those of XGBoost's XGBClassifier, by histograms of 256 bins; a forest is as its
/// XGBRFClassifier.
struct TreeSettings {
  enum class Task : std::uint8_t {
    two_classes,  ///< labels 0 and 1
    classes,      ///< labels 0, ..., classes - 1
    number,       ///< labels are numbers; squared error
  };
  enum class Booster : std::uint8_t {
    trees,   ///< `rounds` trees, one after the other
    forest,  ///< `rounds` trees side by side, each of 80% of the rows, each node of 80% of the columns
    linear,  ///< weighed features, half the sum of whose weights' squares is added to the loss; `rounds`
             ///< passes of coordinate descent; features must be numbers
  };
  Task task = Task::two_classes;
  Booster booster = Booster::trees;
  int classes = 2;
  int rounds = 100;
  int depth = 6;
  double rate = 0.3;
  /// Of the training. With two or more of them sums in double go in another order, so that a split could fall
  /// otherwise (on 26,048 census rows 1 to 4 threads gave the same bits). Where figures must not depend on
  /// threads, train several models side by side with one each.
  int threads = 1;
  std::uint32_t seed = 0;  ///< of a forest; others draw nothing
};

/// A trained model. Move-only. Every function throws agon::Error with XGBoost's text where it fails. Several
/// threads may ask a model at once.
class BoostedTrees {
 public:
  /// `labels` (features.rows). Throws ConfigurationError where there are no rows or no features.
  BoostedTrees(const TreeFeatures& features, std::span<const float> labels, const TreeSettings& settings);

  /// Two classes: (rows) the probability of 1. Classes: (rows, classes) probabilities. Number: (rows).
  std::vector<float> predict(const TreeFeatures& features) const;

  /// What each feature adds to a row's margin (log-odds, or the number): (rows, outputs, width + 1), the last
  /// of each output what all rows share; outputs is `classes` of Task::classes, else 1. Their sum is the
  /// margin. Exact Shapley values of the trees: Lundberg, Erion, Lee, "Consistent individualized feature
  /// attribution for tree ensembles" (2018), XGBoost's pred_contribs.
  std::vector<float> contributions(const TreeFeatures& features) const;

  /// What each pair of features adds together, half of it for either order, and on the diagonal what each
  /// feature adds by itself: (rows, outputs, width + 1, width + 1). A row's sums are its contributions. Exact
  /// interaction values (the same paper, section 4), XGBoost's pred_interactions.
  std::vector<float> interactions(const TreeFeatures& features) const;

  int outputs() const { return settings_.task == TreeSettings::Task::classes ? settings_.classes : 1; }

 private:
  struct Release {
    void operator()(void* booster) const;
  };
  std::vector<float> ask(const TreeFeatures& features, int type) const;

  TreeSettings settings_;
  std::unique_ptr<void, Release> booster_;
};

}  // namespace agon::host
