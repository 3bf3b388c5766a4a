// A health probe by kHealthBlocks blocks, each of which takes its share of every part.
#pragma once

#include "kernels/cuda/device/reduce.cuh"
#include "kernels/formula/distance.hpp"
#include "kernels/formula/health_probe.hpp"

namespace agon::kernels::cuda {

/// Floats of shared memory that probe() takes.
template <int Threads>
inline constexpr int kHealthShared = kBlockSumShared<Threads, 4>;

/// The threads of warp 0 get the least of the block's, NaN where one is.
template <int Threads>
__device__ __forceinline__ float block_least(float* shared, float value) {
  constexpr int kWarps = Threads / 32;
  const int lane = static_cast<int>(threadIdx.x % 32), warp = static_cast<int>(threadIdx.x / 32);
#pragma unroll
  for (int round = 0; round < 2; ++round) {
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
      value = formula::least(value, __shfl_xor_sync(0xffffffffu, value, distance));
    }
    if (round == 1) break;
    if (lane == 0) shared[warp] = value;
    __syncthreads();
    value = shared[lane < kWarps ? lane : 0];
  }
  return value;
}

template <int Threads>
__device__ __forceinline__ float share_of_squares(const float* value, std::int64_t n, std::int64_t block) {
  const auto* const quads = reinterpret_cast<const float4*>(value);
  float sum = 0;
#pragma unroll 1
  for (std::int64_t i = block * Threads + threadIdx.x; i < n / 4; i += kHealthBlocks * Threads) {
    const float4 q = quads[i];
    sum = formula::fused(q.x, q.x,
                         formula::fused(q.y, q.y, formula::fused(q.z, q.z, formula::fused(q.w, q.w, sum))));
  }
  return sum;
}

/// Counts, of either segment.
template <int Threads>
__device__ __forceinline__ void count_saturated(const ObjectiveLoss& op, std::int64_t block,
                                                float (&count)[2]) {
#pragma unroll 1
  for (std::int64_t i = block * Threads + threadIdx.x; i < op.n; i += kHealthBlocks * Threads) {
    const bool second = i >= op.split;
    const LossTerm term = second ? op.term[1] : op.term[0];
    const float partner = term.paired ? op.logits[second ? i - op.split : i + op.split] : 0.0f;
    const float saturated = formula::is_saturated(term, op.logits[i], partner) ? 1.0f : 0.0f;
    count[0] += second ? 0.0f : saturated;
    count[1] += second ? saturated : 0.0f;
  }
}

/// Thread 0 has what was seen.
template <int Threads>
__device__ __forceinline__ void compare_columns(float* shared, const HealthProbe& op, std::int64_t block,
                                                HealthPartial& seen) {
#pragma unroll 1
  for (std::int64_t c = block; c < op.width; c += kHealthBlocks) {
    const float first = op.fakes[c];
    float sums[2] = {};
#pragma unroll 1
    for (std::int64_t i = threadIdx.x; i < op.rows; i += Threads) {
      const float difference = op.fakes[i * op.width + c] - first;
      sums[0] += difference;
      sums[1] = formula::fused(difference, difference, sums[1]);
    }
    __syncthreads();  // `shared` is free again
    block_sum<Threads>(shared, sums);
    if (threadIdx.x == 0)
      formula::add_column(seen, first, sums[0], sums[1], static_cast<float>(op.rows), op.reference[c],
                          op.reference[op.width + c]);
  }
}

/// A row after the other, each thread another row beside it. Thread 0 has the sum.
template <int Threads>
__device__ __forceinline__ float sum_of_distances(float* shared, const HealthProbe& op, std::int64_t block) {
  static_assert(Threads >= kHealthNeighbours);
  const std::int64_t j = threadIdx.x;
  float sum = 0;
#pragma unroll 1
  for (std::int64_t i = block; i < op.neighbours; i += kHealthBlocks) {
    float square = formula::float_of(0x7f800000u);
    if (j != i && j < op.neighbours)
      square = formula::squared_distance(op.fakes + i * op.width, op.fakes + j * op.width, op.width);
    __syncthreads();
    sum += formula::square_root(block_least<Threads>(shared, square));
  }
  return sum;
}

/// Called by all Threads threads of block `block` of kHealthBlocks; shared (kHealthShared<Threads>).
template <int Threads>
__device__ __forceinline__ void probe(float* shared, const HealthProbe& op, std::int64_t block) {
  float sums[4] = {};
  sums[0] = share_of_squares<Threads>(op.gradient[0], op.parameters[0], block);
  sums[1] = share_of_squares<Threads>(op.gradient[1], op.parameters[1], block);
  float count[2] = {};
  count_saturated<Threads>(op.loss, block, count);
  sums[2] = count[0], sums[3] = count[1];
  block_sum<Threads>(shared, sums);
  HealthPartial seen = formula::nothing_seen();
  if (op.rows > 1) compare_columns<Threads>(shared, op, block, seen);
  if (op.neighbours > 1)
    seen.distance_sum =
        formula::quotient(sum_of_distances<Threads>(shared, op, block), op.reference[2 * op.width]);
  if (threadIdx.x != 0) return;
  const std::int64_t length[2] = {op.loss.split, op.loss.n - op.loss.split};
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    seen.square[i] = sums[i];
    seen.saturated[i] = length[i] == 0 ? 0.0f : formula::quotient(sums[2 + i], static_cast<float>(length[i]));
  }
  op.partial[block] = seen;
}

}  // namespace agon::kernels::cuda
