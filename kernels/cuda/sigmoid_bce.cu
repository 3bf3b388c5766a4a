// Sigmoid-BCE: gradients and sums in one launch; a second adds the blocks' sums up where one block is not
// enough.
#include "kernels/sigmoid_bce.hpp"

#include <algorithm>

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operations.hpp"
#include "kernels/cuda/reduce.cuh"
#include "kernels/formula/sigmoid_bce.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 512;
constexpr std::int64_t kOneBlock = 16384;  // logits: below this a second launch costs more than it saves
constexpr std::int64_t kBlocks = 256;      // at most

/// Sums over a segment, before scaling: {loss[0], loss[1], probability[0], probability[1]}.
constexpr int kSums = 4;

struct Segments {
  float loss_scale[2];         // weight / length; 0 where the segment is empty
  float probability_scale[2];  // 1 / length; 0 where it is empty
};

Segments segments(const SigmoidBce& op) {
  const std::int64_t length[2] = {op.split, op.n - op.split};
  Segments result{};
  for (int s = 0; s < 2; ++s) {
    if (length[s] == 0) continue;
    result.probability_scale[s] = 1.0f / static_cast<float>(length[s]);
    result.loss_scale[s] = op.weight[s] / static_cast<float>(length[s]);
  }
  return result;
}

__device__ __forceinline__ void write(SigmoidBceResult* result, const Segments& scale,
                                      const float (&sum)[kSums]) {
  for (int s = 0; s < 2; ++s) {
    result->loss[s] = scale.loss_scale[s] * sum[s];
    result->probability[s] = scale.probability_scale[s] * sum[2 + s];
  }
}

/// partial (blocks, kSums), written where there are several blocks.
__global__ void __launch_bounds__(kThreads)
    sigmoid_bce_kernel(SigmoidBce op, Segments scale, float* partial) {
  float sum[kSums] = {};
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * kThreads;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < op.n;
       i += stride) {
    const bool second = i >= op.split;
    const float target = second ? op.target[1] : op.target[0];
    const formula::SigmoidBceElement element = formula::sigmoid_bce(op.logits[i], target);
    if (op.dlogits != nullptr)
      op.dlogits[i] = (second ? scale.loss_scale[1] : scale.loss_scale[0]) * (element.probability - target);
    sum[0] += second ? 0.0f : element.loss;
    sum[1] += second ? element.loss : 0.0f;
    sum[2] += second ? 0.0f : element.probability;
    sum[3] += second ? element.probability : 0.0f;
  }
  block_sum<kThreads>(sum);
  if (threadIdx.x == 0) {
    if (gridDim.x == 1) {
      write(op.result, scale, sum);
    } else {
      for (int i = 0; i < kSums; ++i) partial[blockIdx.x * kSums + i] = sum[i];
    }
  }
}

__global__ void __launch_bounds__(kBlocks)
    sigmoid_bce_finish_kernel(SigmoidBceResult* result, Segments scale, const float* partial, int blocks) {
  float sum[kSums] = {};
  if (static_cast<int>(threadIdx.x) < blocks)
    for (int i = 0; i < kSums; ++i) sum[i] = partial[threadIdx.x * kSums + i];
  block_sum<kBlocks>(sum);
  if (threadIdx.x == 0) write(result, scale, sum);
}

}  // namespace

void sigmoid_bce(QueueView queue, const SigmoidBce& op) {
  const std::int64_t blocks = op.n <= kOneBlock ? 1 : std::min(kBlocks, blocks_for(op.n, 2 * kThreads));
  const Segments scale = segments(op);
  auto* const partial = reinterpret_cast<float*>(queue.workspace);
  launch(queue, {.blocks = blocks, .threads = kThreads}, sigmoid_bce_kernel, op, scale, partial);
  if (blocks > 1) {
    launch(queue, {.blocks = 1, .threads = kBlocks}, sigmoid_bce_finish_kernel, op.result, scale, partial,
           static_cast<int>(blocks));
  }
}

}  // namespace agon::kernels::cuda
