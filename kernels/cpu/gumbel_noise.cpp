#include "kernels/gumbel_noise.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/cpu/random_blocks.hpp"
#include "kernels/formula/normal.hpp"
#include "kernels/formula/row_number.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    8 * 1024;                         // numbers; fewer are done before the other threads are awake
constexpr std::int64_t kPiece = 256;  // whose noise is made at a time

void add_noise(const GumbelNoise& op, const StreamKey& key, std::int64_t r) {
  const float* const x = op.x + r * op.width;
  float* const y = op.y + r * op.width;
  const std::int64_t block = formula::row_number(op, r) * ((op.levels + 3) / 4);
  for (std::int64_t column = 0; column < op.levels; column += kPiece) {
    const std::int64_t left = op.levels - column, count = left < kPiece ? left : kPiece;
    float noise[kPiece];
    AGON_CPU_VARIANT::fill_blocks(
        noise, key, block + column / 4, (count + 3) / 4,
        [](formula::PhiloxBlock words) __attribute__((always_inline)) {
          return formula::FourNumbers{
              {formula::gumbel_number(words.word[0]), formula::gumbel_number(words.word[1]),
               formula::gumbel_number(words.word[2]), formula::gumbel_number(words.word[3])}};
        });
#pragma omp simd
    for (std::int64_t c = 0; c < count; ++c) y[column + c] = x[column + c] + noise[c];
  }
  for (std::int64_t c = op.levels; c < op.width; ++c) y[c] = x[c];
}

}  // namespace

void gumbel_noise(QueueView queue, const GumbelNoise& op) {
  const StreamKey key(op.random);
  for_each(queue, op.rows, op.rows * op.width >= kParallelFrom,
           [&](std::int64_t r) { add_noise(op, key, r); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
