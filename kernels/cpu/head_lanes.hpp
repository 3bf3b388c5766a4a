// The heads of a block of rows. Heads are short, so vectors lie across rows: a lane has a row of its own, and
// nothing is summed up across lanes. A head's columns are turned that way first, a tile of them at a time.
#pragma once

#include <cstdint>

#include "kernels/cpu/turned.hpp"
#include "kernels/formula/record_heads.hpp"
#include "kernels/record_shape.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

inline constexpr int kLanes = 16;  // rows of a block
inline constexpr std::int64_t kTileLevels = 64;

/// A block's rows.
struct Block {
  std::int64_t first;
  int rows;  // at most kLanes
};

/// (count, kLanes), what was (rows, count) with `stride` between rows. Lanes without a row repeat the last.
inline void turn(const float* from, std::int64_t stride, int rows, std::int64_t count, float* tile) {
  turned(from, stride, rows, count, tile, kLanes);
  for (std::int64_t c = 0; c < count; ++c)
    for (int lane = rows; lane < kLanes; ++lane) tile[c * kLanes + lane] = tile[c * kLanes + rows - 1];
}

inline void turn_back(const float* tile, std::int64_t stride, int rows, std::int64_t count, float* to) {
  turned(tile, kLanes, count, rows, to, stride);
}

struct Choices {
  float logit[kLanes];
  std::int32_t level[kLanes];

  Choices() {
    for (int lane = 0; lane < kLanes; ++lane) {
      const formula::LevelChoice none;
      logit[lane] = none.logit, level[lane] = none.level;
    }
  }

  /// Of a tile whose first level is `first`.
  void among(const float* tile, std::int64_t first, std::int64_t count) {
    for (std::int64_t c = 0; c < count; ++c) {
      const auto number = static_cast<std::int32_t>(first + c);
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) {
        const formula::LevelChoice best =
            formula::better_of_later({logit[lane], level[lane]}, {tile[c * kLanes + lane], number});
        logit[lane] = best.logit, level[lane] = best.level;
      }
    }
  }
};

/// Levels [first, first + count) of a record: a head's.
struct Levels {
  std::int64_t first, count;

  Levels(const RecordShape& shape, std::int64_t begin, std::int64_t end)
      : first(shape.head_first[begin]), count(shape.head_first[end] - shape.head_first[begin]) {}
};

/// The head behind those from `begin` on whose levels fit a tile together; behind the first, where it alone
/// does not fit.
inline std::int64_t end_of_tile(const RecordShape& shape, std::int64_t begin) {
  std::int64_t end = begin + 1;
  while (end < shape.heads && Levels(shape, begin, end + 1).count <= kTileLevels) ++end;
  return end;
}

/// use(first, count) for each tile's part of `levels`.
template <class Use>
inline void each_tile(std::int64_t levels, const Use& use) {
  for (std::int64_t first = 0; first < levels; first += kTileLevels)
    use(first, levels - first < kTileLevels ? levels - first : kTileLevels);
}

/// From logits to weights in the softmax of heads with that inverse temperature.
inline void weigh(float* logits, const Choices& choices, std::int64_t count, float inverse) {
  for (std::int64_t c = 0; c < count; ++c)
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane)
      logits[c * kLanes + lane] =
          formula::level_weight(logits[c * kLanes + lane], choices.logit[lane], inverse);
}

/// Sums over a head's levels, and what they are for.
struct Softmax {
  float inverse;  // temperature
  float weights[kLanes] = {};
  float products[kLanes] = {};  // with the gradients by the levels

  explicit Softmax(float inverse_temperature) : inverse(inverse_temperature) {}

  void add(const float* weight, std::int64_t count) {
    for (std::int64_t c = 0; c < count; ++c)
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) weights[lane] += weight[c * kLanes + lane];
  }

  void add(const float* weight, const float* gradient, std::int64_t count) {
    for (std::int64_t c = 0; c < count; ++c)
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) {
        const std::int64_t i = c * kLanes + lane;
        weights[lane] += weight[i];
        products[lane] = formula::fused(weight[i], gradient[i], products[lane]);
      }
  }

  /// From weights to shares.
  void divide(float* weight, std::int64_t count) const {
    float scale[kLanes];
    for (int lane = 0; lane < kLanes; ++lane) scale[lane] = 1.0f / weights[lane];
    for (std::int64_t c = 0; c < count; ++c)
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) weight[c * kLanes + lane] *= scale[lane];
  }

  /// From gradients by the levels to gradients by the logits.
  void go_back(const float* weight, float* gradient, std::int64_t count) const {
    float scale[kLanes], mean[kLanes];
    for (int lane = 0; lane < kLanes; ++lane) {
      scale[lane] = 1.0f / weights[lane];
      mean[lane] = products[lane] * scale[lane];
    }
    for (std::int64_t c = 0; c < count; ++c)
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) {
        const std::int64_t i = c * kLanes + lane;
        gradient[i] = formula::logit_gradient(weight[i] * scale[lane], gradient[i], mean[lane], inverse);
      }
  }
};

}  // namespace agon::kernels::AGON_CPU_VARIANT
