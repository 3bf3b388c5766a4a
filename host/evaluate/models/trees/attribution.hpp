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

}  // namespace agon::host
