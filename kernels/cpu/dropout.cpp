#include "kernels/dropout.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/dropout.hpp"
#include "kernels/formula/philox.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    32 * 1024;                       // numbers; fewer are done before the other threads are awake
constexpr std::int64_t kQuads = 64;  // whose factors are made at a time

/// What is the same for all rows.
struct Mask {
  std::uint64_t step;
  float scale;
};

void make_factors(const Dropout& op, const Mask& mask, std::int64_t block, std::int64_t quads,
                  float* factor) {
  const std::uint64_t seed = op.random.seed, step = mask.step;
  const auto purpose = static_cast<std::uint32_t>(op.random.purpose);
  const float probability = op.probability, scale = mask.scale;
#pragma omp simd
  for (std::int64_t q = 0; q < quads; ++q) {
    const formula::PhiloxBlock words =
        formula::random_block(seed, purpose, step, static_cast<std::uint32_t>(block + q));
    factor[4 * q + 0] = formula::dropout_factor(words.word[0], probability, scale);
    factor[4 * q + 1] = formula::dropout_factor(words.word[1], probability, scale);
    factor[4 * q + 2] = formula::dropout_factor(words.word[2], probability, scale);
    factor[4 * q + 3] = formula::dropout_factor(words.word[3], probability, scale);
  }
}

void drop_row(const Dropout& op, const Mask& mask, std::int64_t r) {
  const std::int64_t block = formula::dropout_block(op, r);
  for (std::int64_t column = 0; column < op.width; column += 4 * kQuads) {
    float factor[4 * kQuads];
    const std::int64_t left = op.width - column, count = left < 4 * kQuads ? left : 4 * kQuads;
    make_factors(op, mask, block + column / 4, (count + 3) / 4, factor);
    float* const x = op.x + r * op.width + column;
#pragma omp simd
    for (std::int64_t c = 0; c < count; ++c) x[c] *= factor[c];
  }
}

}  // namespace

void dropout(QueueView queue, const Dropout& op) {
  const Mask mask{op.random.step != nullptr ? *op.random.step : 0, formula::dropout_scale(op.probability)};
  for_each(queue, op.rows, op.rows * op.width >= kParallelFrom,
           [&](std::int64_t r) { drop_row(op, mask, r); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
