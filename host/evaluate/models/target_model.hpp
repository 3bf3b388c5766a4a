// A model that foretells the target from a table's other columns.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "host/evaluate/models/judged_rows.hpp"
#include "host/evaluate/models/target.hpp"
#include "host/evaluate/models/trees/boosted_trees.hpp"

namespace agon::host {

/// How numbers of the target become labels: less the middle, in units of the spread.
struct LabelScale {
  double middle = 0, spread = 1;
};
LabelScale label_scale(const Target& target, const RecordSet& real);

/// Scores by how often each row counts.
using Judge = std::function<TargetScores(std::span<const std::int32_t> times)>;

/// Rows of one table that all have a value of the target.
struct TargetTable {
  RecordSet records;
  TreeFeatures features;  ///< of all columns but the target, as the model takes them
  std::int64_t without_target = 0;
};
TargetTable target_table(const Target& target, const TreeLayout& layout, const RecordSet& records);

/// Trained on a table; without rows it always guesses the commonest class, or the middle.
class TargetModel {
 public:
  /// `settings`: the kind of model; its task is the target's.
  TargetModel(const Target& target, const LabelScale& scale, const TargetTable& table,
              TreeSettings settings = {});
  Judge judge(const TargetTable& table) const;
  const BoostedTrees* trees() const { return trees_ ? &*trees_ : nullptr; }

 private:
  Target target_;
  LabelScale scale_;
  std::optional<BoostedTrees> trees_;
};

}  // namespace agon::host
