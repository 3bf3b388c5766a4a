// How well predictions fit: the scores of classifiers and regressions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace agon::host {

/// The area under the ROC curve: the share of pairs of a positive and a negative row in which the positive
/// one has the larger score; ties count half.
struct Auc {
  double value = 0;           ///< NaN without rows of either class
  double standard_error = 0;  ///< by DeLong; of a class with one row, the most that it can be
};
/// `scores` (rows), `labels` (rows): 1 is positive. Source: DeLong, DeLong, Clarke-Pearson, "Comparing the
/// areas under two or more correlated receiver operating characteristic curves" (Biometrics 1988); by ranks
/// as in Sun, Xu, "Fast implementation of DeLong's algorithm" (2014).
Auc auc(std::span<const double> scores, std::span<const std::int32_t> labels);

/// Ranks from 1 on, the mean rank where values tie.
std::vector<double> mid_ranks(std::span<const double> values);

/// 2 hits / (rows of the class + rows guessed to be); 0 where there are neither.
double f1(std::span<const std::int32_t> truth, std::span<const std::int32_t> guess, std::int32_t of_class);
/// The mean of f1 over the classes that `truth` or `guess` has; NaN without rows.
double macro_f1(std::span<const std::int32_t> truth, std::span<const std::int32_t> guess);
/// Share of rows whose guess is the truth; NaN without rows.
double accuracy(std::span<const std::int32_t> truth, std::span<const std::int32_t> guess);
/// 1 - squared errors / squared deviations of the truth from its mean; NaN where the truth is constant.
double r_squared(std::span<const double> truth, std::span<const double> guess);
/// Pearson's correlation of the mid-ranks; NaN where one side is constant.
double spearman(std::span<const double> a, std::span<const double> b);

/// Kendall's tau-b: of all pairs, those in the same order less those in the other, ties left out of either
/// side's pairs; NaN where one side is constant.
double kendall(std::span<const double> a, std::span<const double> b);

}  // namespace agon::host
