// How much each column of a table adds to what boosted trees say.
#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/models/trees/boosted_trees.hpp"
#include "host/evaluate/models/trees/features.hpp"

namespace agon::host {

/// (columns) the mean over rows, summed over the model's outputs, of |what the column's features add to the
/// margin|; 0 for a column that is no feature. `threads` take rows side by side; sums go in one order.
std::vector<double> mean_shap(const BoostedTrees& trees, const TreeLayout& layout,
                              const TreeFeatures& features, std::int64_t columns, int threads);

/// (columns, columns) likewise of each pair of columns: what both add together beyond what each adds by
/// itself, both orders of the pair together. Symmetric, 0 on the diagonal. Takes time by rows times features.
std::vector<double> mean_interactions(const BoostedTrees& trees, const TreeLayout& layout,
                                      const TreeFeatures& features, std::int64_t columns, int threads);

}  // namespace agon::host
