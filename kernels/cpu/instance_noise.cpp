#include "kernels/instance_noise.hpp"

#include <cstring>

#include "kernels/cpu/parts.hpp"
#include "kernels/cpu/random_blocks.hpp"
#include "kernels/formula/instance_noise.hpp"
#include "kernels/formula/normal.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom = 8 * 1024;  // numbers; fewer are done before the others are awake
constexpr std::int64_t kPiece = 256;              // numbers that are made at a time; whole blocks

/// From element `begin` of the op on.
void add_piece(const InstanceNoise& op, const StreamKey& key, float deviation, std::int64_t begin) {
  const std::int64_t left = op.n - begin, count = left < kPiece ? left : kPiece;
  float noise[kPiece];
  fill_blocks(
      noise, key, (op.first + begin) / 4, (count + 3) / 4,
      [](formula::PhiloxBlock block) __attribute__((always_inline)) { return formula::normal_four(block); });
  float* const rows = op.rows + begin;
  if (op.clean != nullptr)
    std::memcpy(op.clean + begin, rows, static_cast<std::size_t>(count) * sizeof(float));
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) rows[i] = formula::fused(deviation, noise[i], rows[i]);
}

}  // namespace

void instance_noise(QueueView queue, const InstanceNoise& op) {
  const StreamKey key(op.random);
  const float deviation = formula::noise_deviation(op, key.step);
  if (deviation == 0.0f && op.clean == nullptr) return;
  for_each(queue, (op.n + kPiece - 1) / kPiece, op.n >= kParallelFrom,
           [&](std::int64_t piece) { add_piece(op, key, deviation, piece * kPiece); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
