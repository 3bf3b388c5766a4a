#include "kernels/formula/instance_noise.hpp"

#include "kernels/cpu/variant.hpp"
#include "kernels/formula/normal.hpp"
#include "kernels/formula/philox.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom = 8 * 1024;  // numbers; fewer are done before the others are awake

/// Four numbers from element 4 `block` of the op on, the last ones where n ends.
void add_block(const InstanceNoise& op, float deviation, std::uint64_t step, std::int64_t block) {
  const formula::PhiloxBlock words =
      formula::random_block(op.random.seed, static_cast<std::uint32_t>(op.random.purpose), step,
                            static_cast<std::uint32_t>(op.first / 4 + block));
  const formula::NormalPair a = formula::normal_pair(words.word[0], words.word[1]);
  const formula::NormalPair b = formula::normal_pair(words.word[2], words.word[3]);
  const float noise[4] = {a.first, a.second, b.first, b.second};
  for (std::int64_t i = 0; i < 4 && 4 * block + i < op.n; ++i)
    op.rows[4 * block + i] = formula::fused(deviation, noise[i], op.rows[4 * block + i]);
}

}  // namespace

void instance_noise(QueueView queue, const InstanceNoise& op) {
  const std::uint64_t step = op.random.step != nullptr ? *op.random.step : 0;
  const float deviation = formula::noise_deviation(op, step);
  if (deviation == 0.0f) return;
  const std::int64_t blocks = (op.n + 3) / 4;
#pragma omp parallel for schedule(static) num_threads(queue.threads) if (op.n >= kParallelFrom)
  for (std::int64_t block = 0; block < blocks; ++block) add_block(op, deviation, step, block);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
