// How much a synthetic table looks like the real one: the SDMetrics quality score for numeric columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "host/table/table.hpp"

namespace agon::host {

struct QualityOptions {
  /// 0 counts every pair of columns, as SDMetrics did before 0.27. Above 0, only pairs whose real correlation
  /// has a larger magnitude count; recent SDMetrics releases take kSdmetricsThreshold by default.
  double correlation_threshold = 0;
};
inline constexpr double kSdmetricsThreshold = 0.5;

/// One column, in the real table's order.
struct ColumnQuality {
  Column real, synthetic;    ///< statistics of either side
  double ks_complement = 0;  ///< 1 - D of the two-sample Kolmogorov-Smirnov test, in [0, 1]
};

/// One pair of columns, first < second.
struct PairQuality {
  std::size_t first = 0, second = 0;
  double real_correlation = 0;       ///< Pearson; NaN where a column is constant
  double synthetic_correlation = 0;  ///< the same
  double similarity = 0;             ///< 1 - |real - synthetic| / 2, in [0, 1]; NaN where either is
  bool counted = true;               ///< above the threshold and not NaN: part of the mean
};

struct Quality {
  std::int64_t real_rows = 0, synthetic_rows = 0;
  double correlation_threshold = 0;
  std::vector<ColumnQuality> columns;
  std::vector<PairQuality> pairs;
  double column_shapes = 0;  ///< mean of ks_complement
  double pair_trends = 0;    ///< mean similarity of the counted pairs; NaN where there are none
  double score = 0;          ///< mean of the two; of the first alone where the second is NaN (as SDMetrics)
  std::vector<std::string>
      warnings;  ///< one line each: constant synthetic columns and their uncounted pairs, ...
};

/// Columns are matched by name, in any order. Throws DataError naming the columns that only one table has.
/// Sources: SDMetrics' KSComplement, CorrelationSimilarity and QualityReport.
Quality evaluate_quality(const Table& real, const Table& synthetic, const QualityOptions& options = {});

/// Two-sample Kolmogorov-Smirnov statistic, sup |F_a - F_b|, of two non-empty samples, which are sorted in
/// place.
double kolmogorov_smirnov(std::vector<double>& a, std::vector<double>& b);

}  // namespace agon::host
