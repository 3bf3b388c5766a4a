#include "engine/table/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/runtime/device.hpp"
#include "engine/runtime/public_errors.hpp"
#include "engine/runtime/thread_pool.hpp"
#include "engine/table/whole_table.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

/// Calls work(i) for every i < count, on the pool's threads.
template <class Work>
void each(ThreadPool& pool, std::int64_t count, const Work& work) {
  pool.each(static_cast<int>(count), [&](int i) { work(std::int64_t{i}); });
}

/// u of a number's score.
float linked(NumberLink link, float score) {
  if (link == NumberLink::tanh) return 0.5f + 0.5f * std::tanh(score);
  return 0.5f * std::erfc(-score * static_cast<float>(1 / std::numbers::sqrt2));
}

/// The level with the highest sum of logit and bias, the first of equals.
std::int64_t highest(const float* logits, const float* bias, std::int64_t levels) {
  std::int64_t best = 0;
  for (std::int64_t level = 1; level < levels; ++level)
    if (logits[level] + bias[level] > logits[best] + bias[best]) best = level;
  return best;
}

/// The scores of one head, (n, levels) side by side.
struct HeadScores {
  std::vector<float> logits;
  std::int64_t levels = 0;

  std::int64_t rows() const { return static_cast<std::int64_t>(logits.size()) / levels; }
  const float* row(std::int64_t i) const { return logits.data() + i * levels; }

  std::vector<double> shares(const std::vector<float>& bias) const {
    std::vector<double> share(static_cast<std::size_t>(levels));
    for (std::int64_t i = 0; i < rows(); ++i)
      share[static_cast<std::size_t>(highest(row(i), bias.data(), levels))] +=
          1.0 / static_cast<double>(rows());
    return share;
  }
  /// Mean distance between the highest two.
  float gap() const {
    double sum = 0;
    for (std::int64_t i = 0; i < rows(); ++i) {
      float highest = -std::numeric_limits<float>::infinity(), second = highest;
      for (std::int64_t level = 0; level < levels; ++level) {
        const float logit = row(i)[level];
        second = std::max(second, std::min(highest, logit));
        highest = std::max(highest, logit);
      }
      sum += highest - second;
    }
    return static_cast<float>(sum / static_cast<double>(rows()));
  }
};

struct Bias {
  std::vector<float> bias, shares;
  double distance = std::numeric_limits<double>::infinity();  ///< total variation
};

Bias best_bias(const HeadScores& head, std::span<const float> wanted, int rounds) {
  constexpr double kRate = 0.3, kFloor = 1e-3;  // of a share: a lost level's logarithm stays finite
  const auto levels = static_cast<std::size_t>(head.levels);
  std::vector<float> bias(levels);
  Bias best;
  const float gap = head.gap();
  for (int round = 0; round < rounds; ++round) {
    const std::vector<double> share = head.shares(bias);
    double distance = 0;
    for (std::size_t i = 0; i < levels; ++i) distance += 0.5 * std::abs(share[i] - wanted[i]);
    if (distance < best.distance) best = {bias, {share.begin(), share.end()}, distance};
    const double rate = kRate * (1 - static_cast<double>(round) / rounds);
    for (std::size_t i = 0; i < levels; ++i) {
      const double log_ratio = std::log((wanted[i] + kFloor) / (share[i] + kFloor));
      bias[i] += static_cast<float>(rate * gap * std::clamp(log_ratio, -1.0, 1.0));
    }
  }
  return best;
}

std::vector<float> knots_of(std::vector<float> ranks) {
  constexpr std::size_t kKnots = 512;
  if (ranks.size() < 2) return {0.0f, 1.0f};
  std::ranges::sort(ranks);
  std::vector<float> knots{0.0f};
  for (std::size_t i = 1; i < kKnots; ++i) {
    const double place = static_cast<double>(i) / kKnots * static_cast<double>(ranks.size()) - 0.5;
    const auto below =
        static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(ranks.size() - 2)));
    const auto part = static_cast<float>(std::clamp(place - static_cast<double>(below), 0.0, 1.0));
    knots.push_back(ranks[below] + part * (ranks[below + 1] - ranks[below]));
  }
  knots.push_back(1.0f);
  return knots;
}

double from_uniform(const std::vector<float>& knots) {
  double farthest = 0;
  for (std::size_t i = 0; i < knots.size(); ++i)
    farthest = std::max(farthest,
                        std::abs(knots[i] - static_cast<double>(i) / static_cast<double>(knots.size() - 1)));
  return farthest;
}

float bent(float rank, const std::vector<float>& knots) {
  const auto above = std::ranges::upper_bound(knots, rank);
  if (above == knots.end()) return 1.0f;
  if (above == knots.begin()) return 0.0f;
  const float low = *(above - 1), high = *above;
  const auto number = static_cast<float>(above - 1 - knots.begin());
  return (number + (rank - low) / (high - low)) / static_cast<float>(knots.size() - 1);
}

struct HeadPlaces {
  std::vector<std::int64_t> first;  ///< level of each head
  std::int64_t scores = 0, rows = 0;

  HeadPlaces(std::span<const float> all, const RecordLayout& layout)
      : scores(layout.scores()), rows(static_cast<std::int64_t>(all.size()) / layout.scores()) {
    std::int64_t level = 0;
    for (const std::int64_t levels : layout.heads) first.push_back(level), level += levels;
  }
  /// Of the head that has this level, the one that a record chose.
  std::int64_t chosen_level(const DrawnRows& drawn, std::size_t row, std::int64_t level) const {
    const auto head = static_cast<std::size_t>(std::ranges::upper_bound(first, level) - first.begin()) - 1;
    return first[head] + drawn.codes[row * first.size() + head];
  }
};

HeadScores scores_of_head(std::span<const float> all, const HeadPlaces& heads, std::int64_t levels,
                          std::size_t head) {
  HeadScores its{{}, levels};
  for (std::int64_t i = 0; i < heads.rows; ++i) {
    const auto row = all.begin() + i * heads.scores + heads.first[head];
    its.logits.insert(its.logits.end(), row, row + levels);
  }
  return its;
}

void require_levels(const char* what, std::size_t count, const RecordLayout& layout) {
  if (static_cast<std::int64_t>(count) != layout.levels())
    throw ConfigurationError(std::to_string(count) + " " + what + " for " + std::to_string(layout.levels()) +
                             " levels");
}

void require_knots(const Calibration& calibration, const RecordLayout& layout) {
  const auto is_curve = [](const std::vector<float>& knots) {
    return knots.size() >= 2 && std::ranges::is_sorted(knots);
  };
  if (std::ssize(calibration.knots) != layout.numbers() || !std::ranges::all_of(calibration.knots, is_curve))
    throw ConfigurationError("the calibration's knots are not ascending ones of " +
                             std::to_string(layout.numbers()) + " numbers");
}

ThreadPool pool_of(int threads) {
  return with_errors_of("threads", [&] { return ThreadPool(Device::cpu(threads).threads()); });
}

}  // namespace

std::vector<std::size_t> Calibration::lost(std::span<const float> shares_of_table) const {
  constexpr double kExpected = 10;
  if (shares_of_table.size() != shares.size())
    throw ConfigurationError(std::to_string(shares_of_table.size()) + " shares for " +
                             std::to_string(shares.size()) + " levels");
  std::vector<std::size_t> levels;
  for (std::size_t i = 0; i < shares.size(); ++i)
    if (shares[i] == 0 && shares_of_table[i] * static_cast<double>(rows) >= kExpected) levels.push_back(i);
  return levels;
}

Calibration calibrate(std::span<const float> scores, const RecordLayout& layout,
                      std::span<const float> shares, int threads) {
  require_scores(layout, scores);
  require_levels("shares", shares.size(), layout);
  const HeadPlaces heads(scores, layout);
  const auto number = static_cast<std::size_t>(layout.numbers());
  Calibration found{std::vector<float>(shares.size()), std::vector<std::vector<float>>(number, {0.0f, 1.0f}),
                    heads.rows, std::vector<float>(shares.size())};
  if (heads.rows == 0) return found;
  const int rounds = layout.choice == HeadChoice::gumbel ? 1 : 25;
  std::vector<double> distances(layout.heads.size() + number);
  ThreadPool pool = pool_of(threads);
  each(pool, static_cast<std::int64_t>(layout.heads.size()), [&](std::int64_t h) {
    const auto head = static_cast<std::size_t>(h);
    const std::int64_t levels = layout.heads[head], first = heads.first[head];
    const Bias best =
        best_bias(scores_of_head(scores, heads, levels, head),
                  shares.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(levels)), rounds);
    std::ranges::copy(best.bias, found.bias.begin() + first);
    std::ranges::copy(best.shares, found.shares.begin() + first);
    distances[head] = best.distance;
  });
  const DrawnRows drawn = choose(scores, layout, found, threads);
  each(pool, layout.link == NumberLink::rank ? layout.numbers() : 0, [&](std::int64_t q) {
    const std::int64_t gate = layout.gates[static_cast<std::size_t>(q)];
    std::vector<float> ranks;
    for (std::int64_t i = 0; i < heads.rows; ++i) {
      const auto row = static_cast<std::size_t>(i);
      if (gate < 0 || heads.chosen_level(drawn, row, gate) == gate)
        ranks.push_back(drawn.ranks[row * number + static_cast<std::size_t>(q)]);
    }
    found.knots[static_cast<std::size_t>(q)] = knots_of(std::move(ranks));
    distances[layout.heads.size() + static_cast<std::size_t>(q)] =
        from_uniform(found.knots[static_cast<std::size_t>(q)]);
  });
  for (const double one : distances) found.distance += one / static_cast<double>(distances.size());
  return found;
}

DrawnRows choose(std::span<const float> scores, const RecordLayout& layout, const Calibration& calibration,
                 int threads) {
  require_scores(layout, scores);
  require_levels("biases", calibration.bias.size(), layout);
  require_knots(calibration, layout);
  const HeadPlaces heads(scores, layout);
  const std::size_t width = layout.heads.size();
  const auto numbers = static_cast<std::size_t>(layout.numbers());
  DrawnRows drawn{heads.rows, {}, {}};
  drawn.codes.resize(static_cast<std::size_t>(heads.rows) * width);
  drawn.ranks.resize(static_cast<std::size_t>(heads.rows) * numbers);
  const auto choose_row = [&](std::int64_t i) {
    const float* const row = scores.data() + i * heads.scores;
    for (std::size_t h = 0; h < width; ++h)
      drawn.codes[static_cast<std::size_t>(i) * width + h] = static_cast<std::uint16_t>(
          highest(row + heads.first[h], calibration.bias.data() + heads.first[h], layout.heads[h]));
    for (std::size_t q = 0; q < numbers; ++q)
      drawn.ranks[static_cast<std::size_t>(i) * numbers + q] = bent(
          linked(layout.link, row[layout.levels() + static_cast<std::int64_t>(q)]), calibration.knots[q]);
  };
  constexpr std::int64_t kPiece = 256;  // rows: threads stay out of each other's cache lines
  ThreadPool pool = pool_of(threads);
  each(pool, (heads.rows + kPiece - 1) / kPiece, [&](std::int64_t piece) {
    for (std::int64_t i = piece * kPiece; i < std::min(heads.rows, (piece + 1) * kPiece); ++i) choose_row(i);
  });
  return drawn;
}

}  // namespace agon
