#include "kernels/random.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/cpu/random_blocks.hpp"
#include "kernels/formula/normal.hpp"
#include "kernels/formula/philox.hpp"
#include "kernels/formula/uniform.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kPiece = 256;  // blocks; a thread fills a multiple of them
constexpr std::int64_t kParallelFrom =
    8 * kPiece;  // blocks; fewer are done before the other threads are awake

template <class Formula>
void fill(QueueView queue, float* out, std::int64_t begin, std::int64_t n, const RandomStream& random,
          Formula four) {
  const StreamKey key(random);
  const std::int64_t before = begin / 4, blocks = n / 4;
  for_ranges(queue, blocks, kPiece, blocks >= kParallelFrom, [&](std::int64_t first, std::int64_t end) {
    fill_blocks(out + 4 * first, key, before + first, end - first, four);
  });
  if (n % 4 != 0) {
    const formula::FourNumbers last = four(
        formula::random_block(key.seed, key.purpose, key.step, static_cast<std::uint32_t>(before + blocks)));
    for (std::int64_t i = 0; i < n % 4; ++i) out[4 * blocks + i] = last.value[i];
  }
}

}  // namespace

void uniform_fill(QueueView queue, const UniformFill& op) {
  const float low = op.low;
  const float high = op.high;
  fill(
      queue, op.out, 0, op.n, op.random,
      [ low, high ](formula::PhiloxBlock block)
          __attribute__((always_inline)) { return formula::uniform_four(block, low, high); });
}

void normal_fill(QueueView queue, const NormalFill& op) {
  fill(
      queue, op.out, op.first, op.n, op.random,
      [](formula::PhiloxBlock block) __attribute__((always_inline)) { return formula::normal_four(block); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
