#include "host/evaluate/audit/lira.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr double kLeastVariance = 1e-9;

/// Over the models on one side of a target.
struct Side {
  double count = 0, mean = 0, squares = 0;  ///< sum of squared differences from the mean

  void add(double value) {  // Welford
    count += 1;
    const double before = value - mean;
    mean += before / count;
    squares += before * (value - mean);
  }
};

struct Sides {
  Side out, in;
};

std::vector<Sides> sides_of(std::size_t targets, const std::vector<KnownModel>& shadows) {
  std::vector<Sides> all(targets);
  for (const KnownModel& shadow : shadows)
    for (std::size_t t = 0; t < targets; ++t)
      ((*shadow.inside)[t] ? all[t].in : all[t].out).add((*shadow.scores)[t]);
  for (const Sides& one : all)
    if (one.in.count < 1 || one.out.count < 1)
      throw DataError("likelihood ratios: a target needs shadows that have learnt it, and others");
  return all;
}

/// Around each target's own mean.
double pooled_variance(const std::vector<Sides>& all, Side Sides::*which) {
  double squares = 0, freedom = 0;
  for (const Sides& one : all) {
    squares += (one.*which).squares;
    freedom += (one.*which).count - 1;
  }
  if (freedom < 1) throw DataError("likelihood ratios: there are too few shadows for a variance");
  return squares / freedom;
}

double log_normal(double x, double mean, double variance) {
  const double its = std::max(variance, kLeastVariance);
  return -0.5 * (std::log(2 * std::numbers::pi * its) + (x - mean) * (x - mean) / its);
}

}  // namespace

ScoresOfTargets likelihood_ratios(const ScoresOfTargets& victim, const std::vector<KnownModel>& shadows) {
  const std::vector<Sides> all = sides_of(victim.size(), shadows);
  const bool own = std::ssize(shadows) >= kOwnVariancesFrom;
  const double in = own ? 0 : pooled_variance(all, &Sides::in);
  const double out = own ? 0 : pooled_variance(all, &Sides::out);
  ScoresOfTargets ratios;
  for (std::size_t t = 0; t < victim.size(); ++t) {
    const auto variance = [&](const Side& side, double pooled) {
      return own ? side.squares / std::max(side.count - 1, 1.0) : pooled;
    };
    ratios.push_back(log_normal(victim[t], all[t].in.mean, variance(all[t].in, in)) -
                     log_normal(victim[t], all[t].out.mean, variance(all[t].out, out)));
  }
  return ratios;
}

ScoresOfTargets calibrated_scores(const ScoresOfTargets& victim, const std::vector<KnownModel>& shadows) {
  const std::vector<Sides> all = sides_of(victim.size(), shadows);
  ScoresOfTargets scores;
  for (std::size_t t = 0; t < victim.size(); ++t)
    scores.push_back(victim[t] - (all[t].in.mean + all[t].out.mean) / 2);
  return scores;
}

ScoresOfTargets standardised_scores(const ScoresOfTargets& scores) {
  Side all;
  for (const double score : scores) all.add(score);
  const double deviation = std::sqrt(all.squares / std::max(all.count, 1.0));
  ScoresOfTargets standardised;
  for (const double score : scores)
    standardised.push_back(deviation > 0 ? (score - all.mean) / deviation : 0.0);
  return standardised;
}

}  // namespace agon::host
