// A column of numbers as a mixture of normal distributions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace agon {

/// One normal distribution of a mixture.
struct MixtureMode {
  double mean = 0, deviation = 1;
  double weight = 1;
  double offset =
      0;  ///< a number x is this mode's in proportion to exp(offset - (x - mean)^2 / 2 deviation^2)

  friend bool operator==(const MixtureMode&, const MixtureMode&) = default;
};

/// Of values, ascending and none twice, each with its number of rows: the modes that matter, of weight above
/// 0.005 of at most ten, in the order of their means; weights add up to 1. Fewer than two values give one
/// mode.
///
/// Variational Bayes with a Dirichlet process as the weights' prior, of concentration 0.001 (Blei, Jordan,
/// "Variational inference for Dirichlet process mixtures", 2006), and for each mode a normal and Gamma prior
/// (Bishop, "Pattern recognition and machine learning", 2006, section 10.2): the mean's is the values' mean,
/// with the weight of one row, the precision's one degree of freedom and the values' variance. As
/// scikit-learn's BayesianGaussianMixture, on values less their mean and over their deviation, with 100
/// rounds at most. It starts from k-means, which starts from quantiles: no random number is drawn. More than
/// 4,096 values are joined to as many of about equal numbers of rows first.
std::vector<MixtureMode> fit_mixture(std::span<const double> values, std::span<const double> rows);

/// The probability of each mode for a number, with 1e-6 more for each: none is out of the question.
std::vector<double> mode_probabilities(std::span<const MixtureMode> modes, double value);

}  // namespace agon
