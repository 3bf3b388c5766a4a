// What scores of records say, and how well they keep to conditions, in plain loops in double precision.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/network/record_layout.hpp"

namespace agon::test {

using PlainRows = std::vector<std::vector<double>>;

/// What the scores say, once noise is added to those of levels: of each head a softmax at a temperature of
/// 0.2; of each number its tanh, or of its rank 17 hat functions, and twice the rank less 1.
inline std::vector<double> plain_record(const RecordLayout& records, const std::vector<double>& scores,
                                        const std::vector<double>& noise) {
  std::vector<double> row;
  for (const std::int64_t levels : records.heads) {
    const std::size_t first = row.size();
    double sum = 0;
    for (std::size_t i = first; i < first + static_cast<std::size_t>(levels); ++i) {
      row.push_back(std::exp((scores[i] + noise[i]) / 0.2));
      sum += row.back();
    }
    for (std::size_t i = first; i < row.size(); ++i) row[i] /= sum;
  }
  const bool hats = records.link == NumberLink::rank;
  for (std::size_t i = row.size(); i < scores.size(); ++i) {
    if (!hats) row.push_back(std::tanh(scores[i]));
    const double u = 0.5 * std::erfc(-scores[i] / std::sqrt(2.0));
    for (int knot = 0; hats && knot <= 16; ++knot) row.push_back(std::max(0.0, 1 - std::abs(16 * u - knot)));
    if (hats) row.push_back(2 * u - 1);
  }
  return row;
}

/// Of the rows' scores, and inputs whose last columns are conditions: mean of -log of the probability that
/// the asked level has in its head.
inline double plain_cross_entropy(const RecordLayout& records, const PlainRows& all,
                                  const PlainRows& inputs) {
  double loss = 0;
  for (std::size_t i = 0; i < all.size() && records.condition_levels() > 0; ++i) {
    const auto asked = inputs[i].end() - records.condition_levels();
    auto first = asked;  // of the head's levels in the condition
    for (const std::int64_t head : records.conditions.heads) {
      const std::int64_t levels = records.heads[static_cast<std::size_t>(head)];
      std::int64_t column = 0;
      for (std::int64_t h = 0; h < head; ++h) column += records.heads[static_cast<std::size_t>(h)];
      double sum = 0, own = 0;
      for (std::int64_t l = 0; l < levels; ++l) {
        const double score = all[i][static_cast<std::size_t>(column + l)];
        sum += std::exp(score), own += *(first + l) * score;
      }
      if (std::find(first, first + levels, 1.0) != first + levels) loss += std::log(sum) - own;
      first += levels;
    }
  }
  return loss / static_cast<double>(all.size());
}

}  // namespace agon::test
