// All figures of one sample beside a reference: what fidelity measures of the synthetic table, of the
// held-out one and of every draw of the floor.
#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/fidelity/column_figures.hpp"
#include "host/evaluate/fidelity/pair_figures.hpp"

namespace agon::host {

struct TableFigures {
  std::vector<ColumnFigures> columns;
  std::vector<PairFigures> pairs;  ///< (0, 1), (0, 2), ..., (1, 2), ...
  std::vector<bool> related;  ///< of each pair: its figure of the reference is above SDMetrics' threshold
  double shapes = 0, trends = 0, related_trends = 0, by_tenths = 0, score = 0, related_score = 0;
};

/// `lacks`: of each column, whether the sample's table lacks it. Columns and pairs side by side on the host's
/// threads.
TableFigures compare_samples(const std::vector<ValueSpace>& spaces, const RowSample& reference,
                             const RowSample& sample, const std::vector<bool>& lacks);

}  // namespace agon::host
