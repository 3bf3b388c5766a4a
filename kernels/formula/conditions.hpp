// Which level a condition names, and which row of the table has it.
#pragma once

#include <cstdint>

#include "kernels/condition_shape.hpp"
#include "kernels/formula/annotate.hpp"
#include "kernels/formula/philox.hpp"

namespace agon::kernels::formula {

/// floor(word n / 2^32)
AGON_FORMULA std::int64_t part_of(std::uint32_t word, std::int64_t n) {
  return static_cast<std::int64_t>(std::uint64_t{word} * static_cast<std::uint64_t>(n) >> 32);
}

/// By bisection: thresholds ascend.
AGON_FORMULA std::int32_t drawn_level(const ConditionShape& shape, const PhiloxBlock& words) {
  const std::int64_t head = part_of(words.word[0], shape.heads);
  std::int32_t low = shape.first[head], high = shape.first[head + 1] - 1;
  while (low < high) {
    const std::int32_t middle = low + (high - low) / 2;
    if (words.word[1] >> 1 < shape.threshold[middle]) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/// n < 2^31.
AGON_FORMULA std::uint32_t drawn_row(const RowsByLevel& table, std::int32_t level, const PhiloxBlock& words) {
  const std::int64_t begin = table.first[level], n = table.first[level + 1] - begin;
  const std::uint64_t low = std::uint64_t{words.word[3]} * static_cast<std::uint64_t>(n) >> 32;
  const std::uint64_t high = std::uint64_t{words.word[2]} * static_cast<std::uint64_t>(n);
  return table.rows[begin + static_cast<std::int64_t>((high + low) >> 32)];
}

/// The head that has a level.
AGON_FORMULA std::int64_t head_of(const ConditionShape& shape, std::int32_t level) {
  std::int64_t head = 0;
  while (shape.first[head + 1] <= level) ++head;
  return head;
}

}  // namespace agon::kernels::formula
