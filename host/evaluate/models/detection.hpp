// Whether a model can tell synthetic rows from real ones.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/evaluate/models/scores.hpp"
#include "host/evaluate/models/trees/boosted_trees.hpp"
#include "host/evaluate/models/trees/features.hpp"
#include "host/evaluate/models/two_tables.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct DetectionOptions {
  std::uint64_t seed = 0;
  int threads = 1;                  ///< models trained side by side; figures do not depend on it
  std::int64_t most_rows = 50'000;  ///< of each table; of more, so many by the seed
  int folds = 3;
};

/// How well a model tells the rows of one table from those of another, by cross-validation. Each fold has its
/// share of both tables; where a table has fewer rows than folds, as many folds as it has rows.
struct Distinction {
  std::int64_t first_rows = 0, second_rows = 0;
  /// Mean over folds of the area under the ROC curve: 0.5 is a guess, 1 tells all. NaN with fewer than two
  /// rows of a table: then nothing can be said.
  double auc = 0;
  double standard_error = 0;  ///< of auc: DeLong's of each fold, folds taken for independent. Too small by
                              ///< some 15 to 35% (census rows, 1,000 a side): models share their rows
  /// The two-sample test: 1 - mean over folds of (2 max(1/2, AUC) - 1). 1: not told apart; 0: always.
  double c2st = 0;
};

struct DetectionByModel {
  Distinction synthetic;  ///< real rows from synthetic ones: all of both
  /// Rows that the generator never saw from as many synthetic ones; none without a held-out table.
  std::optional<Distinction> held_out;
  /// What a perfect generator would reach: held-out rows from as many real ones; without a held-out table one
  /// random half of the real rows from the other.
  Distinction floor;
};

struct Detection {
  DetectionByModel trees;     ///< XGBoost with its classifier's defaults: 100 trees of depth 6, rate 0.3
  DetectionByModel logistic;  ///< one-hot levels and standardised numbers, L2 with C = 1
  bool floor_of_halves = false;
  std::vector<std::string> notes;  ///< one line each: rows that were left out, signs of copies
};

/// The boosted trees that tell synthetic rows from real ones, and the rows that they are asked of.
struct DetectionModel {
  std::optional<TreeLayout> layout;
  TwoTables pair;                   ///< real rows, then synthetic ones; no folds: too few rows
  TreeFeatures features;            ///< of the rows of `pair`
  std::vector<BoostedTrees> trees;  ///< of each fold: learnt from the rows outside of it
  std::vector<Auc> told;            ///< of each fold: on its own rows
};

/// Source of the test: Lopez-Paz, Oquab, "Revisiting classifier two-sample tests" (ICLR 2017), with the score
/// of SDMetrics' detection metrics.
/// `model`: where to keep what tells synthetic rows from real ones; or none.
Detection detect(const ComparedTables& tables, const DetectionOptions& options = {},
                 DetectionModel* model = nullptr);

nlohmann::ordered_json to_json(const Detection& detection);
std::string to_text(const Detection& detection);

}  // namespace agon::host
