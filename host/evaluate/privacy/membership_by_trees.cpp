#include "host/evaluate/privacy/membership_by_trees.hpp"

#include "host/evaluate/models/trees/boosted_trees.hpp"

namespace agon::host {

AttackScores attack_by_trees(const ComparedTables& tables, const MembershipGame& game, int threads) {
  const TreeLayout layout(tables);
  const auto features = [&](const RecordSet& records, const std::vector<std::int64_t>& rows) {
    return layout.features_of(part(records, rows));
  };
  const TreeFeatures synthetic = features(tables.synthetic, game.synthetic),
                     reference = features(*tables.held_out, game.reference);
  std::vector<float> labels(static_cast<std::size_t>(synthetic.rows + reference.rows), 0.0f);
  std::fill_n(labels.begin(), synthetic.rows, 1.0f);
  const BoostedTrees trees(stacked(synthetic, reference), labels, {.threads = threads});
  const auto scores = [&](const RecordSet& records, const std::vector<std::int64_t>& rows) {
    const std::vector<float> guesses = trees.predict(features(records, rows));
    return std::vector<double>(guesses.begin(), guesses.end());
  };
  return {"trees", scores(tables.real, game.members), scores(*tables.held_out, game.others)};
}

}  // namespace agon::host
