// A query row's distances to a block of reference rows, on the processor.
#pragma once

#include <cstdint>

#include "kernels/row_distances.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

/// A block's distances stay in the first-level cache, beside the block's columns.
constexpr std::int64_t kRowsOfBlock = 256;
/// Queries that share a block before the next one is fetched.
constexpr std::int64_t kQueriesOfBlock = 64;

/// to[j] = squared distance of query i to reference first + j, j below `count`, at most kRowsOfBlock.
inline void distances_to_block(const RowDistances& rows, std::int64_t i, std::int64_t first,
                               std::int64_t count, float* __restrict to) {
  for (std::int64_t j = 0; j < count; ++j) to[j] = 0;
  for (std::int64_t c = 0; c < rows.codes; ++c) {
    const std::int32_t query = rows.query_codes[c * rows.n + i];
    const std::int32_t* __restrict const code = rows.codes_of + c * rows.m + first;
    const float weight = rows.weight[c];
    for (std::int64_t j = 0; j < count; ++j) to[j] += code[j] != query ? weight : 0.0f;
  }
  for (std::int64_t c = 0; c < rows.numbers; ++c) {
    const float query = rows.query_numbers[c * rows.n + i];
    const float* __restrict const number = rows.numbers_of + c * rows.m + first;
    for (std::int64_t j = 0; j < count; ++j) {
      const float difference = query - number[j];
      to[j] = formula::fused(difference, difference, to[j]);
    }
  }
}

}  // namespace
}  // namespace agon::kernels::AGON_CPU_VARIANT
