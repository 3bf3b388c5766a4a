// Whether a synthetic table teaches a model what the real one teaches.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/evaluate/models/judged_rows.hpp"
#include "host/evaluate/models/model_ranking.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct UtilityOptions {
  std::string target;  ///< the column to foretell
  std::uint64_t seed = 0;
  int threads = 1;                  ///< figures do not depend on it
  std::int64_t most_rows = 50'000;  ///< of each table; of more, so many by the seed
  int bootstraps = 500;
  std::int64_t explained_rows = 1'000;  ///< held-out rows whose contributions rank the columns
  std::vector<std::string> left_out{};  ///< columns that the tables are without, as they give the target away
};

/// The score of the model of synthetic rows, in shares of that of the model of real rows; NaN where the
/// latter is not above 0.
struct Share {
  double value = 0;
  double low = 0, high = 0;  ///< 95% of bootstrap samples of the held-out rows lie between
};

/// How many rows there are, and how many were left out because they have no value of the target.
struct TargetRows {
  std::int64_t used = 0, without_target = 0;
};

struct Utility {
  std::string target;
  bool is_class = false;
  std::vector<std::string> classes;  ///< none of a number
  int rarer = -1;                    ///< index of the class of f1_rarer; -1: none
  bool held_out_given = false;       ///< false: held-out rows are a fifth of the real table, by the seed
  TargetRows real, synthetic, held_out;

  TargetScores synthetic_on_held_out;  ///< trained on synthetic rows, tested on held-out ones (TSTR)
  TargetScores real_on_held_out;       ///< trained on real rows, tested on held-out ones: the floor
  TargetScores real_on_synthetic;      ///< trained on real rows, tested on synthetic ones (TRTS)
  Share auc, f1_macro, f1_rarer, r2;   ///< of synthetic_on_held_out in real_on_held_out

  /// Spearman's correlation, over columns, of mean |SHAP| on held-out rows: of the models of synthetic and
  /// real rows, and, as its floor, of models of two random halves of the real rows (which is a little low:
  /// they learn from half as many rows).
  double column_ranks = 0, column_ranks_floor = 0;
  std::optional<ModelRanking> models;  ///< none with fewer than 20 rows of a table
  std::vector<std::string> notes;
};

/// Boosted trees with XGBoost's defaults (100 trees of depth 6, rate 0.3) foretell the target from all other
/// columns. Throws what find_target throws, and DataError where the real table is too small.
Utility measure_utility(const ComparedTables& tables, const UtilityOptions& options);

nlohmann::ordered_json to_json(const Utility& utility);
std::string to_text(const Utility& utility);

}  // namespace agon::host
