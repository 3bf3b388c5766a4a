// A logistic model of two classes over one-hot levels and standardised numbers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// Rows of which most entries are 0.
struct SparseRows {
  std::int64_t width = 0;
  std::vector<std::int64_t> starts = {0};  ///< (rows + 1): where a row's entries start
  std::vector<std::int32_t> places;        ///< of an entry: its column
  std::vector<double> values;              ///< of an entry

  std::int64_t rows() const { return static_cast<std::int64_t>(starts.size()) - 1; }
};

/// The rows of all `records`, one table after the other, for a linear model. A number is standardised by the
/// mean and the deviation of all their numbers, so that 0, the mean, stands where there is none; a level of
/// its own says so there. Each level, mark and "none" is a column of zeros and ones; those of fewer than
/// `fewest` rows of all tables together share one, for each column of the table. `without`: a column that is
/// left out; -1: none.
SparseRows logistic_rows(const ComparedTables& tables, std::span<const RecordSet* const> records,
                         std::int32_t without = -1, int fewest = 5);

/// What to fit: the least of |w|^2 / 2 + C sum_i log(1 + exp(-y_i (w x_i + intercept))), as scikit-learn's
/// LogisticRegression has it by default.
struct LogisticSettings {
  double c = 1;
  double tolerance = 1e-6;  ///< of the gradient's length; the weights are then nearer than that to the best
  int most_steps = 100;
};

struct LogisticModel {
  std::vector<double> weights;  ///< (width)
  double intercept = 0;
  bool converged = false;

  /// The log-odds of label 1: (which.size()).
  std::vector<double> decide(const SparseRows& rows, std::span<const std::int64_t> which) const;
};

/// Fits to the rows `which` by Newton's method, each step by conjugate gradients (Nocedal, Wright, "Numerical
/// Optimization", algorithm 7.1). `labels` (rows.rows()): 1, or else.
LogisticModel fit_logistic(const SparseRows& rows, std::span<const std::int64_t> which,
                           std::span<const std::int32_t> labels, const LogisticSettings& settings = {});

}  // namespace agon::host
