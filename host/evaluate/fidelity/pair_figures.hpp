// How alike two samples are in a pair of columns.
#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/fidelity/coded_records.hpp"

namespace agon::host {

/// A sample made ready for its pairs.
struct PairSample {
  const RowSample* sample = nullptr;
  struct Column {
    /// (rows), of numbers: CodedCells::standardised times how often the row was drawn.
    std::vector<double> weighted;
    double sum = 0, squares = 0;  ///< of the sample's standardised numbers
    bool constant = false;        ///< at most one number is in the sample
    /// (rows) for contingency tables, each below `codes`. Nominal: the level, or behind the last one no
    /// value. Numbers: their bin of ten equally wide ones between the sample's least and greatest; then the
    /// greatest and, as SDMetrics has it, no value; then marks.
    std::vector<std::int32_t> code;
    std::int32_t codes = 0;
    /// The same with numbers in tenths of the reference: the value in the middle of whose rows that share of
    /// the reference's numbers lies. No value has a code of its own. Empty of nominal columns: as `code`.
    std::vector<std::int32_t> tenth;
  };
  std::vector<Column> columns;

  const std::vector<std::int32_t>& tenths(std::size_t c) const {
    return columns[c].tenth.empty() ? columns[c].code : columns[c].tenth;
  }
};
PairSample prepare_pairs(const RowSample& sample, const RowSample& reference,
                         const std::vector<ValueSpace>& spaces);

/// Pearson's coefficient over the rows in which both are numbers; NaN where either is constant there.
double correlation(const PairSample& sample, std::size_t a, std::size_t b,
                   const std::vector<ValueSpace>& spaces);

struct PairFigures {
  /// Two numbers: 1 - |r - s| / 2 of the correlations; 0 where it is undefined in one sample alone, NaN where
  /// in both. Else 1 - half the sum of |p - q| over the contingency table's cells. In [0, 1]. Source:
  /// SDMetrics' CorrelationSimilarity and ContingencySimilarity.
  double similarity = 0;
  /// 1 - half the sum of |p - q| over the cells of the contingency table, with numbers in tenths of the
  /// reference: not at the mercy of single large values, as equally wide bins and Pearson's coefficient are.
  double by_tenths = 0;
  /// Pearson's coefficient, or Cramer's V of the contingency table; NaN where undefined.
  double reference = 0, sample = 0;
};
PairFigures compare_pair(const std::vector<ValueSpace>& spaces, const PairSample& reference,
                         const PairSample& sample, std::size_t a, std::size_t b);

}  // namespace agon::host
