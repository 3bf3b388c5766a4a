#include "engine/table/mixture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace agon {
namespace {

constexpr std::size_t kMostModes = 10, kMostPoints = 4096;
constexpr int kRounds = 100;
constexpr double kConcentration = 0.001, kTolerance = 1e-3, kLeastWeight = 0.005;
constexpr double kLeastVariance = 1e-6;  // of a mode, in variances of the values

/// Values and their rows.
struct Points {
  std::vector<double> x, n;

  double rows() const { return std::accumulate(n.begin(), n.end(), 0.0); }
};

/// Of points the sums of `values`, (points, modes) each, by mode.
std::vector<double> sums(const Points& points, const std::vector<double>& values, std::size_t modes) {
  std::vector<double> sum(modes);
  for (std::size_t i = 0; i < points.x.size(); ++i)
    for (std::size_t k = 0; k < modes; ++k) sum[k] += points.n[i] * values[i * modes + k];
  return sum;
}

Points few_points(std::span<const double> values, std::span<const double> rows) {
  Points points{{values.begin(), values.end()}, {rows.begin(), rows.end()}};
  if (values.size() <= kMostPoints) return points;
  const double each = points.rows() / kMostPoints;
  Points fewer;
  double sum = 0, count = 0, before = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += values[i] * rows[i], count += rows[i];
    const bool full = before + count >= each * static_cast<double>(fewer.x.size() + 1);
    if (!full && i + 1 < values.size()) continue;
    fewer.x.push_back(sum / count), fewer.n.push_back(count);
    before += count, sum = count = 0;
  }
  return fewer;
}

/// digamma(x), x > 0: by its recurrence to where Stirling's series is exact.
double digamma(double x) {
  double sum = 0;
  for (; x < 10; ++x) sum -= 1 / x;
  const double r = 1 / (x * x);
  return sum + std::log(x) - 0.5 / x -
         r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r / 132))));
}

double log_beta(double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); }

/// Each point's cluster, of k-means from the means of `modes` quantile groups.
std::vector<std::size_t> clusters(const Points& points, std::size_t modes) {
  std::vector<std::size_t> of(points.x.size());
  const double rows = points.rows();
  double before = 0;
  for (std::size_t i = 0; i < of.size(); ++i) {
    of[i] = std::min(
        modes - 1, static_cast<std::size_t>(static_cast<double>(modes) * (before + points.n[i] / 2) / rows));
    before += points.n[i];
  }
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> sum(modes), count(modes);
    for (std::size_t i = 0; i < of.size(); ++i)
      sum[of[i]] += points.n[i] * points.x[i], count[of[i]] += points.n[i];
    bool moved = false;
    for (std::size_t i = 0; i < of.size(); ++i) {
      const auto distance = [&](std::size_t k) {
        return count[k] > 0 ? std::abs(points.x[i] - sum[k] / count[k])
                            : std::numeric_limits<double>::infinity();
      };
      std::size_t nearest = 0;
      for (std::size_t k = 1; k < modes; ++k)
        if (distance(k) < distance(nearest)) nearest = k;
      moved = moved || nearest != of[i];
      of[i] = nearest;
    }
    if (!moved) break;
  }
  return of;
}

/// The variational distributions, of standardised points: sticks Beta(a, b), means N(mean, variance / beta),
/// precisions Wishart with `freedom` degrees.
class Posterior {
 public:
  Posterior(const Points& points, std::size_t modes)
      : points_(points), modes_(modes), share_(points.x.size() * modes) {
    const std::vector<std::size_t> cluster = clusters(points, modes);
    for (std::size_t i = 0; i < cluster.size(); ++i) share_[i * modes + cluster[i]] = 1;
    const double rows = points.rows();
    double squares = 0;
    for (std::size_t i = 0; i < points.x.size(); ++i) {
      prior_mean_ += points.n[i] * points.x[i] / rows;
      squares += points.n[i] * points.x[i] * points.x[i];
    }
    prior_variance_ = (squares - rows * prior_mean_ * prior_mean_) / std::max(rows - 1, 1.0);
    maximise();
  }

  void fit() {
    double bound = -std::numeric_limits<double>::infinity();
    for (int round = 0; round < kRounds; ++round) {
      expect();
      maximise();
      const double next = lower_bound();
      const bool done = std::abs(next - bound) < kTolerance;
      bound = next;
      if (done) return;
    }
  }

  std::vector<MixtureMode> modes() const {
    std::vector<MixtureMode> all;
    double left = 1, sum = 0;
    for (std::size_t k = 0; k < modes_; ++k) {
      all.push_back({mean_[k], std::sqrt(variance_[k]), left * a_[k] / (a_[k] + b_[k]), offset_[k]});
      left *= b_[k] / (a_[k] + b_[k]);
      sum += all.back().weight;
    }
    for (MixtureMode& mode : all) mode.weight /= sum;
    return all;
  }

 private:
  /// Shares of each mode in each point.
  void expect() {
    entropy_ = 0;
    for (std::size_t i = 0; i < points_.x.size(); ++i) {
      double* const share = share_.data() + i * modes_;
      double top = -std::numeric_limits<double>::infinity(), sum = 0;
      for (std::size_t k = 0; k < modes_; ++k) {
        const double from = points_.x[i] - mean_[k];
        share[k] = offset_[k] - 0.5 * from * from / variance_[k];
        top = std::max(top, share[k]);
      }
      for (std::size_t k = 0; k < modes_; ++k) sum += std::exp(share[k] - top);
      for (std::size_t k = 0; k < modes_; ++k) {
        const double log_share = share[k] - top - std::log(sum);
        share[k] = std::exp(log_share);
        if (share[k] > 0) entropy_ -= points_.n[i] * share[k] * log_share;
      }
    }
  }

  void maximise() {
    std::vector<double> count = sums(points_, share_, modes_);
    for (double& n : count) n += 10 * std::numeric_limits<double>::epsilon();
    a_.resize(modes_), b_.resize(modes_), beta_.resize(modes_), freedom_.resize(modes_);
    mean_.resize(modes_), variance_.resize(modes_), offset_.resize(modes_);
    double behind = 0;
    for (std::size_t k = modes_; k-- > 0;) {
      a_[k] = 1 + count[k], b_[k] = kConcentration + behind;
      behind += count[k];
    }
    std::vector<double> moment(modes_), spread(modes_);
    for (std::size_t i = 0; i < points_.x.size(); ++i)
      for (std::size_t k = 0; k < modes_; ++k)
        moment[k] += points_.n[i] * share_[i * modes_ + k] * points_.x[i] / count[k];
    for (std::size_t i = 0; i < points_.x.size(); ++i)
      for (std::size_t k = 0; k < modes_; ++k) {
        const double from = points_.x[i] - moment[k];
        spread[k] += points_.n[i] * share_[i * modes_ + k] * from * from / count[k];
      }
    double log_left = 0;  // expected, of the stick before mode k
    for (std::size_t k = 0; k < modes_; ++k) {
      const double from = moment[k] - prior_mean_;
      beta_[k] = 1 + count[k], freedom_[k] = 1 + count[k];
      mean_[k] = (prior_mean_ + count[k] * moment[k]) / beta_[k];
      variance_[k] =
          (prior_variance_ + count[k] * (spread[k] + kLeastVariance + from * from / beta_[k])) / freedom_[k];
      const double both = digamma(a_[k] + b_[k]);
      const double log_weight = digamma(a_[k]) - both + log_left;
      log_left += digamma(b_[k]) - both;
      const double log_precision = std::numbers::ln2 + digamma(freedom_[k] / 2) - std::log(freedom_[k]);
      offset_[k] = log_weight - 0.5 * std::log(2 * std::numbers::pi * variance_[k]) +
                   0.5 * (log_precision - 1 / beta_[k]);
    }
  }

  /// Up to what is the same in all rounds.
  double lower_bound() const {
    double bound = entropy_;
    for (std::size_t k = 0; k < modes_; ++k) {
      const double half = freedom_[k] / 2;
      const double log_determinant = -0.5 * std::log(variance_[k]) - 0.5 * std::log(freedom_[k]);
      bound += freedom_[k] * log_determinant + half * std::numbers::ln2 + std::lgamma(half);
      bound += log_beta(a_[k], b_[k]) - 0.5 * std::log(beta_[k]);
    }
    return bound;
  }

  const Points& points_;
  std::size_t modes_;
  std::vector<double> share_;  // (points, modes)
  double prior_mean_ = 0, prior_variance_ = 1, entropy_ = 0;
  std::vector<double> a_, b_, beta_, freedom_, mean_, variance_, offset_;
};

}  // namespace

std::vector<MixtureMode> fit_mixture(std::span<const double> values, std::span<const double> rows) {
  Points points = few_points(values, rows);
  const double all = points.rows();
  double mean = 0, squares = 0;
  for (std::size_t i = 0; i < points.x.size(); ++i) mean += points.n[i] * points.x[i] / all;
  for (std::size_t i = 0; i < points.x.size(); ++i)
    squares += points.n[i] * (points.x[i] - mean) * (points.x[i] - mean) / all;
  const double deviation = std::sqrt(squares);
  if (points.x.size() < 2 || !(deviation > 0)) return {{mean, 1, 1, 0}};
  for (double& x : points.x) x = (x - mean) / deviation;
  Posterior posterior(points, std::min(points.x.size(), kMostModes));
  posterior.fit();
  std::vector<MixtureMode> kept;
  double sum = 0;
  for (const MixtureMode& mode : posterior.modes()) {
    if (mode.weight <= kLeastWeight) continue;
    kept.push_back({mean + deviation * mode.mean, deviation * mode.deviation, mode.weight, mode.offset});
    sum += mode.weight;
  }
  for (MixtureMode& mode : kept) mode.weight /= sum;
  std::ranges::sort(kept, {}, &MixtureMode::mean);
  return kept;
}

std::vector<double> mode_probabilities(std::span<const MixtureMode> modes, double value) {
  constexpr double kLeast = 1e-6;
  std::vector<double> share;
  double top = -std::numeric_limits<double>::infinity(), sum = 0;
  for (const MixtureMode& mode : modes) {
    const double from = (value - mode.mean) / mode.deviation;
    share.push_back(mode.offset - 0.5 * from * from);
    top = std::max(top, share.back());
  }
  for (double& one : share) one = std::exp(one - top), sum += one;
  for (double& one : share) one = (one / sum + kLeast) / (1 + kLeast * static_cast<double>(modes.size()));
  return share;
}

}  // namespace agon
