// From a generator's scores to records, so that each column's shares are the table's.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/network/record_layout.hpp"
#include "engine/table/coding.hpp"

namespace agon {

/// What is added to the scores of levels, and how the ranks of numbers are bent, before a record is made of
/// them.
struct Calibration {
  std::vector<float> bias;  ///< (levels)
  /// Of each number, ascending: the ranks that i / (size - 1) of its values lie below, i = 0, 1, ...
  std::vector<std::vector<float>> knots;
  // How the generator does, of the rows that were looked at:
  std::int64_t rows = 0;
  std::vector<float> shares;  ///< (levels): with the bias
  /// Mean over heads of the total variation between these shares and the table's, and over numbers of
  /// Kolmogorov's distance between the ranks as they came and uniform ones.
  double distance = 0;

  /// A generator beyond this has not learnt the table: one that was never trained is some 0.4 away, sound
  /// runs end below 0.05.
  static constexpr double kFar = 0.2;
  /// Levels, counted through all heads, that should stand in ten of the rows or more, and stand in none.
  std::vector<std::size_t> lost(std::span<const float> shares_of_table) const;
};

/// So that in a draw with these scores, (n, layout.scores()), the shares of each head's levels are `shares`,
/// (levels), as nearly as some rounds bring them, and each number's ranks are uniform where it has a value.
/// How columns depend on each other stays as it was. The scale of scores is arbitrary, so a round moves them
/// by the head's mean distance between the highest two; the best of all rounds is kept for each head. Heads
/// that chose by a draw from their softmax, and numbers of link tanh, stay as they are. `threads`: as
/// Device::cpu() takes them. Throws ConfigurationError where sizes do not fit the layout.
Calibration calibrate(std::span<const float> scores, const RecordLayout& layout,
                      std::span<const float> shares, int threads);

/// The records that scores (n, layout.scores()) choose: of each head the highest level, of each number u.
/// Throws likewise.
DrawnRows choose(std::span<const float> scores, const RecordLayout& layout, const Calibration& calibration,
                 int threads);

}  // namespace agon
