// How alike two samples are in one column.
#pragma once

#include <vector>

#include "host/evaluate/fidelity/coded_records.hpp"

namespace agon::host {

/// Of a sample, beside a reference. Shares are of the sample's rows unless said otherwise.
struct ColumnFigures {
  /// Numbers: 1 - sup |F - G| of the cells that are numbers (Kolmogorov and Smirnov). Nominal: 1 - half the
  /// sum of |p - q| over the levels (total variation), of the cells that have one. In [0, 1]; 0 where one
  /// side has no such cell, NaN where neither has. Source: SDMetrics' KSComplement and TVComplement.
  double score = 0;
  double missing = 0;    ///< no value
  double marked = 0;     ///< marks and sentinels among numbers
  double outside = 0;    ///< numbers below the reference's least or above its greatest
  double lost = 0;       ///< levels and marks of the reference that the sample has not
  double lost_rows = 0;  ///< share of the reference's rows that have them
  double invented = 0;   ///< levels that the reference has not
};
ColumnFigures compare_column(const ValueSpace& space, const ValueCounts& reference,
                             const ValueCounts& sample);

}  // namespace agon::host
