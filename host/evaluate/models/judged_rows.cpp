#include "host/evaluate/models/judged_rows.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace agon::host {
namespace {

constexpr double kNoScore = std::numeric_limits<double>::quiet_NaN();

}  // namespace

JudgedClasses::JudgedClasses(std::vector<std::int32_t> truth, std::vector<double> probabilities, int classes,
                             int rarer)
    : classes_(static_cast<std::size_t>(classes)),
      rarer_(rarer),
      truth_(std::move(truth)),
      probabilities_(std::move(probabilities)) {
  for (std::size_t i = 0; i < truth_.size(); ++i) {
    const auto first = probabilities_.begin() + static_cast<std::ptrdiff_t>(i * classes_);
    guess_.push_back(static_cast<std::int32_t>(std::max_element(first, first + classes) - first));
  }
  for (std::size_t c = 0; c < classes_; ++c) {
    std::vector<std::size_t> rows(truth_.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    std::ranges::stable_sort(rows, {}, [&](std::size_t row) { return probabilities_[row * classes_ + c]; });
    order_.push_back(std::move(rows));
  }
}

double JudgedClasses::auc_of(std::size_t c, std::span<const std::int32_t> times) const {
  // Upwards through equal probabilities at a time: each row of the class beats what lies below.
  double below = 0, others = 0, members = 0, beaten = 0;
  const std::vector<std::size_t>& order = order_[c];
  for (std::size_t i = 0; i < order.size();) {
    const double probability = probabilities_[order[i] * classes_ + c];
    double equal_members = 0, equal_others = 0;
    for (; i < order.size() && probabilities_[order[i] * classes_ + c] == probability; ++i) {
      const bool member = truth_[order[i]] == static_cast<std::int32_t>(c);
      (member ? equal_members : equal_others) += times[order[i]];
    }
    beaten += equal_members * (below + equal_others / 2);
    below += equal_others;
    others += equal_others;
    members += equal_members;
  }
  return others > 0 && members > 0 ? beaten / others / members : kNoScore;
}

TargetScores JudgedClasses::scores(std::span<const std::int32_t> times) const {
  std::vector<double> hits(classes_), members(classes_);  // members: rows of the class and guesses of it
  double rows = 0;
  for (std::size_t i = 0; i < truth_.size(); ++i) {
    const auto truth = static_cast<std::size_t>(truth_[i]), guess = static_cast<std::size_t>(guess_[i]);
    rows += times[i];
    members[truth] += times[i];
    members[guess] += times[i];
    if (truth == guess) hits[truth] += times[i];
  }
  double auc = 0, judged = 0, f1 = 0, present = 0;
  for (std::size_t c = 0; c < classes_; ++c) {
    if (const double one = auc_of(c, times); one == one) auc += one, ++judged;
    if (members[c] > 0) f1 += 2 * hits[c] / members[c], ++present;
  }
  const auto rarer = static_cast<std::size_t>(rarer_);
  return {.auc = auc / judged,
          .f1_macro = f1 / present,
          .f1_rarer = rarer_ < 0           ? kNoScore
                      : members[rarer] > 0 ? 2 * hits[rarer] / members[rarer]
                                           : 0,
          .accuracy = std::accumulate(hits.begin(), hits.end(), 0.0) / rows,
          .r2 = kNoScore};
}

TargetScores JudgedNumbers::scores(std::span<const std::int32_t> times) const {
  double rows = 0, sum = 0, errors = 0, deviations = 0;
  for (std::size_t i = 0; i < truth_.size(); ++i) rows += times[i], sum += times[i] * truth_[i];
  const double mean = sum / rows;
  for (std::size_t i = 0; i < truth_.size(); ++i) {
    errors += times[i] * (truth_[i] - guess_[i]) * (truth_[i] - guess_[i]);
    deviations += times[i] * (truth_[i] - mean) * (truth_[i] - mean);
  }
  return {kNoScore, kNoScore, kNoScore, kNoScore, deviations > 0 ? 1 - errors / deviations : kNoScore};
}

}  // namespace agon::host
