// Whether who compares models on a synthetic table would choose the same one as on the real table.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/evaluate/models/target.hpp"
#include "host/evaluate/models/target_model.hpp"
#include "host/evaluate/rates.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct RankingOptions {
  std::uint64_t seed = 0;
  int threads = 1;                     ///< figures do not depend on it
  std::int64_t most_rows = 4'000;      ///< to learn from, of each table; of more, so many by the seed
  std::int64_t most_held_out = 5'000;  ///< to test on
  int bootstraps = 200;
};

/// A kind of model, learnt four times; each tested on the same held-out rows: AUC of a class, R^2 of a
/// number.
struct RankedModel {
  std::string name;
  double real = 0, synthetic = 0;     ///< learnt from as many real and synthetic rows
  std::array<double, 2> of_halves{};  ///< learnt from either half of the real rows: the floor
};

/// Two rankings of the same models.
struct RankAgreement {
  double spearman = 0, kendall = 0;  ///< tau-b; NaN where all models of a side are equally good
};

/// What is lost by who trusts another ranking: of the real models, the score of the best one less that of the
/// one that the other ranking puts first.
struct ModelChoice {
  std::size_t best = 0, chosen = 0;  ///< places in ModelRanking::models
  double loss = 0;
  Interval interval;  ///< 95% of bootstrap samples of the held-out rows lie between
  bool within_noise() const { return best == chosen || interval.low <= 0; }
};

struct ModelRanking {
  bool is_class = false;
  std::int64_t rows = 0, held_out = 0;  ///< learnt from, and tested on
  std::vector<RankedModel> models;      ///< the best of the real rows' first
  RankAgreement synthetic;              ///< of the models of real and of synthetic rows
  RankAgreement floor;                  ///< of the models of two halves of the real rows
  ModelChoice by_synthetic;             ///< chosen by the models of synthetic rows
  ModelChoice by_half;  ///< chosen by the models of one half of the real rows, scored by those of the other
};

/// Five kinds: boosted trees, boosted stumps, a forest, a single tree, a linear model. The tables' rows must
/// have a value of the target, and be two or more of each.
ModelRanking rank_models(const ComparedTables& tables, const Target& target, const LabelScale& scale,
                         const RecordSet& real, const RecordSet& synthetic, const RecordSet& held_out,
                         const RankingOptions& options);

nlohmann::ordered_json to_json(const ModelRanking& ranking);
std::string to_text(const ModelRanking& ranking);
/// "as good as the best: the same", "the best, too", ...: what `by_synthetic` comes to, as half a sentence.
std::string choice_in_words(const ModelRanking& ranking);

}  // namespace agon::host
