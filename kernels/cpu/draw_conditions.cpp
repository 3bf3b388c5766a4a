#include "kernels/draw_conditions.hpp"

#include <cstring>

#include "kernels/cpu/parts.hpp"
#include "kernels/cpu/random_blocks.hpp"
#include "kernels/formula/conditions.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom = 4 * 1024;  // rows; fewer are done before the other threads are awake

void draw(const DrawConditions& op, const StreamKey& key, std::int64_t r) {
  const formula::PhiloxBlock words =
      formula::random_block(key.seed, key.purpose, key.step, static_cast<std::uint32_t>(op.first + r));
  const std::int32_t level = formula::drawn_level(op.shape, words);
  float* const out = op.out + (r + 1) * op.width - op.shape.levels;
  std::memset(out, 0, static_cast<std::size_t>(op.shape.levels) * sizeof(float));
  out[level] = 1.0f;
  if (op.chosen != nullptr) op.chosen[r] = level;
  if (op.source != nullptr) op.source[r] = formula::drawn_row(op.table, level, words);
}

}  // namespace

void draw_conditions(QueueView queue, const DrawConditions& op) {
  const StreamKey key(op.random);
  for_each(queue, op.rows, op.rows >= kParallelFrom, [&](std::int64_t r) { draw(op, key, r); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
