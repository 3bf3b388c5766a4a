// A block takes some pixels of one image, whose numbers its first thread draws for all.
#include "kernels/augment.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/reduce.cuh"
#include "kernels/formula/augment.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kPixels = 4 * kThreads;  // of a block

/// Sizes in 32 bits.
struct AugmentGrid {
  int width = 1, pixels = 1;  // of an image
  int blocks = 1;             // for each
};

__global__ void __launch_bounds__(kThreads, 4)
    augment_kernel(Augment first, AugmentGrid sizes, ReplicaGrid grid) {
  AGON_SHARED(formula::ImageChange, drawn, [1]);
  const Augment op = at_replica(first, grid.mine());
  const int image = static_cast<int>(blockIdx.x) / sizes.blocks;
  const int begin = static_cast<int>(blockIdx.x) % sizes.blocks * kPixels;
  const float* const x = op.x + image * op.shape.size();
  float* const y = op.y + image * op.shape.size();
  wait_for_previous_kernel();
  if (threadIdx.x == 0)
    drawn[0] =
        formula::drawn_change(op, op.random.step == nullptr ? 0 : *op.random.step, *op.probability, image);
  __syncthreads();
  const formula::ImageChange change = drawn[0];
  for (int i = static_cast<int>(threadIdx.x); i < kPixels && begin + i < sizes.pixels; i += kThreads) {
    const int pixel = begin + i, v = pixel / sizes.width, u = pixel % sizes.width;
    float* const to = y + pixel * op.shape.channels;
    if (op.back) {
      formula::gathered_pixel(op.shape, change, x, v, u, to);
    } else {
      formula::changed_pixel(op.shape, change, x, v, u, to);
    }
  }
}

/// Called by every thread of the block.
__device__ __forceinline__ float centre_of(double* shared, const AdaptAugmentation& op) {
  double sum[1] = {};
  for (std::int64_t i = threadIdx.x; i < op.rows; i += kThreads)
    sum[0] += static_cast<double>(op.real[i]) + static_cast<double>(op.fake[i]);
  block_sum<kThreads>(shared, sum);
  __syncthreads();
  if (threadIdx.x == 0) shared[0] = sum[0];
  __syncthreads();
  return static_cast<float>(shared[0] / static_cast<double>(2 * op.rows));
}

__global__ void __launch_bounds__(kThreads) adapt_kernel(AdaptAugmentation first, ReplicaGrid grid) {
  AGON_SHARED(double, sums, [kBlockSumShared<kThreads, 1>]);
  AGON_SHARED(int, counts, [kBlockSumShared<kThreads, 1>]);
  const AdaptAugmentation op = at_replica(first, grid.mine());
  wait_for_previous_kernel();
  const float centre = op.centred ? centre_of(sums, op) : 0.0f;
  int signs[1] = {};
  for (std::int64_t i = threadIdx.x; i < op.rows; i += kThreads)
    signs[0] += formula::sign_beside(op.real[i], centre);
  block_sum<kThreads>(counts, signs);
  if (threadIdx.x == 0) *op.probability = formula::adapted(op, signs[0], *op.probability);
}

}  // namespace

void augment(QueueView queue, const Augment& op) {
  const AugmentGrid sizes{narrow(op.shape.width), narrow(op.shape.pixels()),
                          narrow(blocks_for(op.shape.pixels(), kPixels))};
  launch(queue, {.blocks = op.images * sizes.blocks, .threads = kThreads}, augment_kernel, op, sizes,
         ReplicaGrid(queue));
}

void adapt_augmentation(QueueView queue, const AdaptAugmentation& op) {
  launch(queue, {.threads = kThreads}, adapt_kernel, op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
