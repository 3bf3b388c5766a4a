// Between the rows: a warp takes a row, whose one number all its lanes make. Around them: a thread makes one
// Philox block, four numbers.
#include "kernels/mixed_rows.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/random.cuh"
#include "kernels/formula/uniform.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kWarps = kThreads / 32;

template <class Element>
__global__ void __launch_bounds__(kThreads) mix_kernel(MixedRows first, ReplicaGrid grid) {
  const MixedRows op = at_replica(first, grid.mine());
  constexpr int kEach = sizeof(Element) / sizeof(float);
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kWarps + threadIdx.x / 32;
  wait_for_previous_kernel();
  if (row >= op.rows) return;  // the whole warp
  const float share = uniform_number(op.random, op.first + row);
  const std::int64_t before = row * op.width;
  for (std::int64_t i = threadIdx.x % 32; i < op.width / kEach; i += 32) {
    Element value = reinterpret_cast<const Element*>(op.real + before)[i];
    const Element other = reinterpret_cast<const Element*>(op.fake + before)[i];
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      float& element = reinterpret_cast<float*>(&value)[e];
      element = formula::mixed(share, element, reinterpret_cast<const float*>(&other)[e]);
    }
    reinterpret_cast<Element*>(op.out + before)[i] = value;
  }
}

/// Quads of the stream from the one that the first row begins in.
__global__ void __launch_bounds__(kThreads) perturb_kernel(MixedRows first, ReplicaGrid grid) {
  const MixedRows op = at_replica(first, grid.mine());
  const std::int64_t begin = op.first * op.width, n = op.rows * op.width;
  const std::int64_t quad = begin / 4 + static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  wait_for_previous_kernel();
  if (4 * quad - begin >= n) return;
  const float reach = 0.5f * *op.deviation;
  const formula::PhiloxBlock random = random_block(op.random, quad);
#pragma unroll
  for (int e = 0; e < 4; ++e) {
    const std::int64_t i = 4 * quad - begin + e;
    if (i >= 0 && i < n) op.out[i] = formula::fused(reach, formula::uniform(random.word[e]), op.real[i]);
  }
}

}  // namespace

void mixed_rows(QueueView queue, const MixedRows& op) {
  if (op.fake == nullptr) {
    const std::int64_t quads =
        op.rows * op.width / 4 + 2;  // at most, wherever in a quad the first row begins
    return launch(queue, {.blocks = blocks_for(quads, kThreads), .threads = kThreads}, perturb_kernel, op,
                  ReplicaGrid(queue));
  }
  const bool vector = op.width % 4 == 0 && aligned(op.real) && aligned(op.fake) && aligned(op.out);
  launch(queue, {.blocks = blocks_for(op.rows, kWarps), .threads = kThreads},
         vector ? mix_kernel<float4> : mix_kernel<float>, op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
