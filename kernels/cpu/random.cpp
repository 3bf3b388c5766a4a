#include "kernels/cpu/variant.hpp"
#include "kernels/formula/normal.hpp"
#include "kernels/formula/philox.hpp"
#include "kernels/formula/uniform.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kPiece = 256;  // blocks that one turn of the parallel loop fills
constexpr std::int64_t kParallelFrom =
    8 * kPiece;  // blocks; fewer are done before the other threads are awake

struct Four {
  float value[4];
};

struct Key {
  std::uint64_t seed;
  std::uint32_t purpose;
  std::uint64_t step;
};

/// Blocks [first, first + count) into out, four numbers each.
template <class Formula>
void fill_blocks(float* out, Key key, std::int64_t first, std::int64_t count, Formula four) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) {
    const Four numbers =
        four(formula::random_block(key.seed, key.purpose, key.step, static_cast<std::uint32_t>(first + i)));
    out[4 * i + 0] = numbers.value[0];
    out[4 * i + 1] = numbers.value[1];
    out[4 * i + 2] = numbers.value[2];
    out[4 * i + 3] = numbers.value[3];
  }
}

template <class Formula>
void fill(QueueView queue, float* out, std::int64_t begin, std::int64_t n, const RandomStream& random,
          Formula four) {
  const Key key{random.seed, static_cast<std::uint32_t>(random.purpose), random.step ? *random.step : 0};
  const std::int64_t before = begin / 4, blocks = n / 4;
  if (queue.threads <= 1 || blocks < kParallelFrom) {
    fill_blocks(out, key, before, blocks, four);
  } else {
    const std::int64_t pieces = (blocks + kPiece - 1) / kPiece;
#pragma omp parallel for schedule(static) num_threads(queue.threads)
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
      const std::int64_t first = piece * kPiece;
      const std::int64_t count = blocks - first < kPiece ? blocks - first : kPiece;
      fill_blocks(out + 4 * first, key, before + first, count, four);
    }
  }
  if (n % 4 != 0) {
    const Four last = four(
        formula::random_block(key.seed, key.purpose, key.step, static_cast<std::uint32_t>(before + blocks)));
    for (std::int64_t i = 0; i < n % 4; ++i) out[4 * blocks + i] = last.value[i];
  }
}

}  // namespace

void uniform_fill(QueueView queue, const UniformFill& op) {
  const float low = op.low;
  const float high = op.high;
  fill(
      queue, op.out, 0, op.n, op.random, [ low, high ](formula::PhiloxBlock b) __attribute__((always_inline)) {
        return Four{
            {formula::uniform_between(b.word[0], low, high), formula::uniform_between(b.word[1], low, high),
             formula::uniform_between(b.word[2], low, high), formula::uniform_between(b.word[3], low, high)}};
      });
}

void normal_fill(QueueView queue, const NormalFill& op) {
  fill(
      queue, op.out, op.first, op.n, op.random, [](formula::PhiloxBlock b) __attribute__((always_inline)) {
        const formula::NormalPair a = formula::normal_pair(b.word[0], b.word[1]);
        const formula::NormalPair c = formula::normal_pair(b.word[2], b.word[3]);
        return Four{{a.first, a.second, c.first, c.second}};
      });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
