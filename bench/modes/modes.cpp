#include "bench/modes/modes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace agon::host {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kDeviations = 3;  // within which a sample is of high quality

double squared_distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t c = 0; c < a.size(); ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
  return sum;
}

/// Of one-hot groups the vertex with the largest columns: |x - v|^2 = |x|^2 + groups - 2 sum of x at v's
/// ones.
std::int64_t largest_columns(const Mixture& mixture, std::span<const double> sample) {
  std::int64_t mode = 0;
  for (std::int64_t first = 0; first < mixture.width; first += mixture.group) {
    const auto begin = sample.begin() + first;
    mode = mode * mixture.group + (std::max_element(begin, begin + mixture.group) - begin);
  }
  return mode;
}

/// Samples by mode, and the first two moments of their columns.
struct Tally {
  std::vector<std::int64_t> count;
  std::vector<double> sum;  ///< (modes, width), of differences from the centre
  double squares = 0;       ///< of all such differences

  explicit Tally(const Mixture& mixture)
      : count(static_cast<std::size_t>(mixture.modes())), sum(mixture.centres.size()) {}

  void add(const Mixture& mixture, std::int64_t mode, std::span<const double> sample) {
    ++count[static_cast<std::size_t>(mode)];
    const auto centre = mixture.centre(mode);
    for (std::int64_t c = 0; c < mixture.width; ++c) {
      const double difference = sample[c] - centre[c];
      sum[mode * mixture.width + c] += difference;
      squares += difference * difference;
    }
  }
  std::int64_t total() const {
    std::int64_t all = 0;
    for (const std::int64_t n : count) all += n;
    return all;
  }
  std::int64_t found() const {
    return std::count_if(count.begin(), count.end(), [](std::int64_t n) { return n > 0; });
  }
};

double kl_to_uniform(const Tally& tally) {
  const auto n = static_cast<double>(tally.total()), modes = static_cast<double>(tally.count.size());
  if (n == 0) return kNone;
  double sum = 0;
  for (const std::int64_t count : tally.count) {
    const double share = static_cast<double>(count) / n;
    if (count > 0) sum += share * std::log(modes * share);
  }
  return sum;
}

/// Pooled over modes and columns.
double deviation_within(const Mixture& mixture, const Tally& tally) {
  double squares = tally.squares;
  std::int64_t freedom = 0;
  for (std::int64_t mode = 0; mode < mixture.modes(); ++mode) {
    const std::int64_t n = tally.count[static_cast<std::size_t>(mode)];
    if (n == 0) continue;
    freedom += (n - 1) * mixture.width;
    for (std::int64_t c = 0; c < mixture.width; ++c) {
      const double sum = tally.sum[mode * mixture.width + c];
      squares -= sum * sum / static_cast<double>(n);
    }
  }
  return freedom == 0 ? kNone : std::sqrt(std::max(0.0, squares) / static_cast<double>(freedom));
}

}  // namespace

std::int64_t nearest_mode(const Mixture& mixture, std::span<const double> sample) {
  if (mixture.group > 0) return largest_columns(mixture, sample);
  std::int64_t nearest = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t mode = 0; mode < mixture.modes(); ++mode) {
    const double distance = squared_distance(sample, mixture.centre(mode));
    if (distance < least) least = distance, nearest = mode;
  }
  return nearest;
}

ModeScore score_modes(const Mixture& mixture, std::span<const double> samples) {
  const auto width = static_cast<std::size_t>(mixture.width);
  const double reach = kDeviations * mixture.deviation;
  Tally all(mixture), good(mixture);
  for (std::size_t i = 0; i + width <= samples.size(); i += width) {
    const auto sample = samples.subspan(i, width);
    const std::int64_t mode = nearest_mode(mixture, sample);
    all.add(mixture, mode, sample);
    if (mixture.deviation == 0 || squared_distance(sample, mixture.centre(mode)) < reach * reach)
      good.add(mixture, mode, sample);
  }
  ModeScore score{.found = static_cast<double>(good.found()),
                  .high_quality = kNone,
                  .reverse_kl = kl_to_uniform(all),
                  .reverse_kl_high_quality = kl_to_uniform(good),
                  .spread = kNone};
  if (mixture.deviation == 0) return score;
  score.high_quality = static_cast<double>(good.total()) / static_cast<double>(all.total());
  score.spread = deviation_within(mixture, good) / mixture.deviation;
  return score;
}

Estimate estimate(std::span<const double> values) {
  double sum = 0, count = 0, squares = 0;
  for (const double value : values)
    if (!std::isnan(value)) sum += value, ++count;
  if (count == 0) return {kNone, kNone};
  const double mean = sum / count;
  for (const double value : values)
    if (!std::isnan(value)) squares += (value - mean) * (value - mean);
  return {mean, count < 2 ? kNone : std::sqrt(squares / (count - 1) / count)};
}

}  // namespace agon::host
