#include "kernels/mixed_rows.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/cpu/random_blocks.hpp"
#include "kernels/formula/uniform.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    8 * 1024;  // numbers; fewer are done before the other threads are awake
constexpr std::int64_t kRows = 16, kNumbers = 256;  // that are done at a time

/// Of the op's rows up to kRows, from `first` on.
void mix_rows(const MixedRows& op, const StreamKey& key, std::int64_t first) {
  const std::int64_t left = op.rows - first, rows = left < kRows ? left : kRows;
  float buffer[room_for_elements(kRows)];
  const float* const share = uniform_numbers(buffer, key, op.first + first, rows);
  for (std::int64_t r = 0; r < rows; ++r) {
    const std::int64_t before = (first + r) * op.width;
    const float *const real = op.real + before, *const fake = op.fake + before;
    float* const out = op.out + before;
    const float of_row = share[r];
#pragma omp simd
    for (std::int64_t c = 0; c < op.width; ++c) out[c] = formula::mixed(of_row, real[c], fake[c]);
  }
}

/// Of the op's numbers up to kNumbers, from `first` on.
void perturb(const MixedRows& op, const StreamKey& key, std::int64_t first) {
  const std::int64_t left = op.rows * op.width - first, count = left < kNumbers ? left : kNumbers;
  float buffer[room_for_elements(kNumbers)];
  const float* const number = uniform_numbers(buffer, key, op.first * op.width + first, count);
  const float reach = 0.5f * *op.deviation;
  const float* const real = op.real + first;
  float* const out = op.out + first;
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) out[i] = formula::fused(reach, number[i], real[i]);
}

}  // namespace

void mixed_rows(QueueView queue, const MixedRows& op) {
  const StreamKey key(op.random);
  const std::int64_t numbers = op.rows * op.width;
  const bool parallel = numbers >= kParallelFrom;
  if (op.fake != nullptr) {
    return for_each(queue, (op.rows + kRows - 1) / kRows, parallel,
                    [&](std::int64_t piece) { mix_rows(op, key, piece * kRows); });
  }
  for_each(queue, (numbers + kNumbers - 1) / kNumbers, parallel,
           [&](std::int64_t piece) { perturb(op, key, piece * kNumbers); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
