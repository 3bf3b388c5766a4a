// How a record of a table lies in the rows that networks read and write.
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include "kernels/record_kind.hpp"

namespace agon {

using kernels::HeadChoice;
using kernels::NumberLink;

/// Levels that G can be asked for, one at a time, by a one-hot condition beside its noise; D sees the
/// condition beside the record (Xu et al., "Modeling tabular data using conditional GAN", 2019). A generator
/// of images has no heads: its levels are the images' classes, and D judges an image as one of its class.
struct RecordConditions {
  std::vector<std::int64_t> heads;  ///< whose levels they are, ascending
  std::vector<std::int64_t>
      shares;  ///< of each level in what is learnt, in parts of 10^9; none: no conditions

  friend bool operator==(const RecordConditions&, const RecordConditions&) = default;
};

/// A head chooses one of its levels; a number is a rank in (0, 1). G's last linear layer gives a score for
/// each level and each number; what D reads is wider: kernels/record_shape.hpp has both.
struct RecordLayout {
  std::vector<std::int64_t> heads;  ///< levels of each head, at least 2
  /// Of each number the level, counted through all heads, at which it has a value; -1: it always has one.
  std::vector<std::int64_t> gates;
  HeadChoice choice = HeadChoice::straight_through;
  NumberLink link = NumberLink::rank;
  RecordConditions conditions{};

  bool any() const { return !heads.empty() || !gates.empty(); }
  std::int64_t levels() const { return std::accumulate(heads.begin(), heads.end(), std::int64_t{0}); }
  std::int64_t numbers() const { return static_cast<std::int64_t>(gates.size()); }
  std::int64_t scores() const { return levels() + numbers(); }
  std::int64_t condition_levels() const { return static_cast<std::int64_t>(conditions.shares.size()); }
  std::int64_t width() const;  ///< columns of the row that D reads: the record's, then the condition's

  friend bool operator==(const RecordLayout&, const RecordLayout&) = default;
};

/// Records as codes: what a training table of mixed columns is on the device.
struct CodedRows {
  std::int64_t rows = 0;
  std::vector<std::uint16_t> codes;  ///< (rows, heads): the level of each head
  /// (rows, numbers): r, where the number's rank is uniform between cumulative[r] and cumulative[r + 1]; any
  /// valid r where the number has no value.
  std::vector<std::uint32_t> ranks;
  std::vector<float> cumulative;  ///< in [0, 1]; the tables of all numbers, one behind the other
};

}  // namespace agon
