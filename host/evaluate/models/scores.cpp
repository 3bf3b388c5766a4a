#include "host/evaluate/models/scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace agon::host {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The variance of one class's mean placement. A single row says nothing of it: the most is a half squared.
double placement_variance(std::span<const double> placements) {
  const auto count = static_cast<double>(placements.size());
  if (placements.size() < 2) return 0.25;
  const double mean = mean_of(placements);
  double sum = 0;
  for (const double p : placements) sum += (p - mean) * (p - mean);
  return sum / (count - 1) / count;
}

}  // namespace

std::vector<double> mid_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    for (std::size_t i = first; i < end; ++i) ranks[order[i]] = static_cast<double>(first + 1 + end) / 2;
    first = end;
  }
  return ranks;
}

Auc auc(std::span<const double> scores, std::span<const std::int32_t> labels) {
  std::vector<double> of_class[2];
  for (std::size_t i = 0; i < scores.size(); ++i) of_class[labels[i] == 1].push_back(scores[i]);
  if (of_class[0].empty() || of_class[1].empty()) return {kUndefined, kUndefined};
  const std::vector<double> own[2] = {mid_ranks(of_class[0]), mid_ranks(of_class[1])};
  const std::vector<double> all = mid_ranks(scores);
  // A row's placement: the share of the other class that lies below it. Its rank among all rows, less that
  // among its own class, counts them.
  std::vector<double> placements[2];
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const int c = labels[i] == 1;
    const double below = all[i] - own[c][placements[c].size()];
    placements[c].push_back(below / static_cast<double>(of_class[1 - c].size()));
  }
  return {mean_of(placements[1]),
          std::sqrt(placement_variance(placements[0]) + placement_variance(placements[1]))};
}

double f1(std::span<const std::int32_t> truth, std::span<const std::int32_t> guess, std::int32_t of_class) {
  std::int64_t hits = 0, members = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    hits += truth[i] == of_class && guess[i] == of_class;
    members += (truth[i] == of_class) + (guess[i] == of_class);
  }
  return members == 0 ? 0 : 2 * static_cast<double>(hits) / static_cast<double>(members);
}

double macro_f1(std::span<const std::int32_t> truth, std::span<const std::int32_t> guess) {
  if (truth.empty()) return kUndefined;
  struct Count {
    std::int64_t hits = 0, members = 0;
  };
  std::map<std::int32_t, Count> counts;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++counts[truth[i]].members;
    ++counts[guess[i]].members;
    if (truth[i] == guess[i]) ++counts[truth[i]].hits;
  }
  double sum = 0;
  for (const auto& [of_class, count] : counts)
    sum += 2 * static_cast<double>(count.hits) / static_cast<double>(count.members);
  return sum / static_cast<double>(counts.size());
}

double accuracy(std::span<const std::int32_t> truth, std::span<const std::int32_t> guess) {
  if (truth.empty()) return kUndefined;
  std::int64_t hits = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) hits += truth[i] == guess[i];
  return static_cast<double>(hits) / static_cast<double>(truth.size());
}

double r_squared(std::span<const double> truth, std::span<const double> guess) {
  if (truth.empty()) return kUndefined;
  const double mean = mean_of(truth);
  double errors = 0, deviations = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    errors += (truth[i] - guess[i]) * (truth[i] - guess[i]);
    deviations += (truth[i] - mean) * (truth[i] - mean);
  }
  return deviations > 0 ? 1 - errors / deviations : kUndefined;
}

double spearman(std::span<const double> a, std::span<const double> b) {
  if (a.empty()) return kUndefined;
  const std::vector<double> ranks_a = mid_ranks(a), ranks_b = mid_ranks(b);
  const double mean = static_cast<double>(a.size() + 1) / 2;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (ranks_a[i] - mean) * (ranks_b[i] - mean);
    aa += (ranks_a[i] - mean) * (ranks_a[i] - mean);
    bb += (ranks_b[i] - mean) * (ranks_b[i] - mean);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : kUndefined;
}

double kendall(std::span<const double> a, std::span<const double> b) {
  const auto order = [](double x, double y) { return x < y ? -1.0 : x > y ? 1.0 : 0.0; };
  double same = 0, untied_a = 0, untied_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double in_a = order(a[i], a[j]), in_b = order(b[i], b[j]);
      same += in_a * in_b;
      untied_a += in_a * in_a;
      untied_b += in_b * in_b;
    }
  }
  return untied_a > 0 && untied_b > 0 ? same / std::sqrt(untied_a * untied_b) : kUndefined;
}

}  // namespace agon::host
