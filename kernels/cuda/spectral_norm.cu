// Spectral normalisation: every layer's blocks side by side in a launch for each sweep.
#include "kernels/spectral_norm.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/reduce.cuh"
#include "kernels/formula/spectral_norm.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / 32;
constexpr int kElements = 4 * kThreads;  // of a block that goes over all of a weight
constexpr int kPieces = 64;              // of a layer's <G, normalised>

/// Blocks of a layer in each sweep.
enum class Sweep { columns, rows, elements, pieces };
__host__ __device__ __forceinline__ std::int64_t blocks_of(Sweep sweep, std::int64_t out, std::int64_t in) {
  switch (sweep) {
    case Sweep::columns:
      return (in + 31) / 32;
    case Sweep::rows:
      return (out + kWarps - 1) / kWarps;
    case Sweep::elements:
      return (out * in + kElements - 1) / kElements;
    default:
      return kPieces;
  }
}

/// Which layer a block works on, and as which of its blocks.
struct Place {
  std::int64_t layer = 0;
  std::int64_t block = 0;
};
__device__ __forceinline__ Place place_of(Sweep sweep, const SpectralNorm& op) {
  Place place{0, blockIdx.x};
  for (; place.layer + 1 < op.layers; ++place.layer) {
    const std::int64_t blocks = blocks_of(sweep, op.layer[place.layer].out, op.layer[place.layer].in);
    if (place.block < blocks) break;
    place.block -= blocks;
  }
  return place;
}

/// Both sums over a vector of `count` by a whole block, the same for all its threads: of a a, and of a b
/// where b is not null.
struct Sums {
  double square;
  double product;
};
__device__ __forceinline__ Sums vector_sums(double* shared, const float* a, const float* b,
                                            std::int64_t count) {
  double sum[2] = {};
  for (std::int64_t i = threadIdx.x; i < count; i += kThreads) {
    const double value = a[i];
    sum[0] += value * value;
    if (b != nullptr) sum[1] += value * static_cast<double>(b[i]);
  }
  block_sum<kThreads>(shared, sum);
  __syncthreads();
  if (threadIdx.x == 0) shared[0] = sum[0], shared[1] = sum[1];
  __syncthreads();
  return {shared[0], shared[1]};
}

/// scratch[0, in) = W^T u; a warp has 32 columns and every kWarps-th row.
__global__ void __launch_bounds__(kThreads)
    project_kernel(const __grid_constant__ SpectralNorm op, ReplicaGrid grid) {
  AGON_SHARED(float, shared, [kThreads]);
  const Place place = place_of(Sweep::columns, op);
  const SpectralLayer layer = at_replica(op.layer[place.layer], grid.mine());
  const std::int64_t column = place.block * 32 + threadIdx.x % 32;
  wait_for_previous_kernel();
  float sum = 0;
  if (column < layer.in)
    for (std::int64_t o = threadIdx.x / 32; o < layer.out; o += kWarps)
      sum = formula::fused(layer.weight[o * layer.in + column], layer.left[o], sum);
  shared[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x >= 32 || column >= layer.in) return;
  for (int warp = 1; warp < kWarps; ++warp) sum += shared[warp * 32 + threadIdx.x];
  layer.scratch[column] = sum;
}

/// v = scratch[0, in) to length 1, by the layer's first block, where it iterates; scratch[in, in + out) = W
/// v, a row to a warp.
__global__ void __launch_bounds__(kThreads)
    product_kernel(const __grid_constant__ SpectralNorm op, ReplicaGrid grid) {
  AGON_SHARED(double, shared, [kBlockSumShared<kThreads, 2>]);
  const Place place = place_of(Sweep::rows, op);
  const SpectralLayer layer = at_replica(op.layer[place.layer], grid.mine());
  const bool iterate = op.iterations > 0;
  wait_for_previous_kernel();
  const float* const from = iterate ? layer.scratch : layer.right;
  const float divisor =
      iterate ? formula::unit_divisor(vector_sums(shared, from, nullptr, layer.in).square) : 1.0f;
  if (iterate && place.block == 0)
    for (std::int64_t i = threadIdx.x; i < layer.in; i += kThreads)
      layer.right[i] = formula::quotient(from[i], divisor);
  const int lane = static_cast<int>(threadIdx.x % 32);
  const std::int64_t row = place.block * kWarps + threadIdx.x / 32;
  float sum = 0;
  if (row < layer.out)
    for (std::int64_t i = lane; i < layer.in; i += 32)
      sum = formula::fused(layer.weight[row * layer.in + i], formula::quotient(from[i], divisor), sum);
  sum = warp_sum(sum);
  if (row < layer.out && lane == 0) layer.scratch[layer.in + row] = sum;
}

/// u = W v to length 1 where it iterates, and sigma, by the layer's first block; normalised = W / sigma.
__global__ void __launch_bounds__(kThreads)
    divide_kernel(const __grid_constant__ SpectralNorm op, ReplicaGrid grid) {
  AGON_SHARED(double, shared, [kBlockSumShared<kThreads, 2>]);
  const Place place = place_of(Sweep::elements, op);
  const SpectralLayer layer = at_replica(op.layer[place.layer], grid.mine());
  const float* const product = layer.scratch + layer.in;
  const bool iterate = op.iterations > 0;
  wait_for_previous_kernel();
  const Sums sums = vector_sums(shared, product, iterate ? nullptr : layer.left, layer.out);
  const float divisor = formula::unit_divisor(sums.square);
  const float sigma = static_cast<float>(iterate ? sums.square / static_cast<double>(divisor) : sums.product);
  if (place.block == 0) {
    if (iterate)
      for (std::int64_t o = threadIdx.x; o < layer.out; o += kThreads)
        layer.left[o] = formula::quotient(product[o], divisor);
    if (threadIdx.x == 0) *layer.sigma = sigma;
  }
  const std::int64_t all = layer.out * layer.in;
  for (int k = 0; k < kElements / kThreads; ++k) {
    const std::int64_t i = place.block * kElements + k * kThreads + threadIdx.x;
    if (i < all) layer.normalised[i] = formula::quotient(layer.weight[i], sigma);
  }
}

/// partial (layers, kPieces): pieces of <G, normalised>.
__global__ void __launch_bounds__(kThreads)
    along_kernel(const __grid_constant__ SpectralNorm op, double* first_partial, ReplicaGrid grid) {
  AGON_SHARED(double, shared, [kBlockSumShared<kThreads, 1>]);
  const Place place = place_of(Sweep::pieces, op);
  const SpectralLayer layer = at_replica(op.layer[place.layer], grid.mine());
  double sum[1] = {};
  wait_for_previous_kernel();
  for (std::int64_t i = place.block * kThreads + threadIdx.x; i < layer.out * layer.in;
       i += kPieces * kThreads)
    sum[0] += static_cast<double>(layer.gradient[i]) * static_cast<double>(layer.normalised[i]);
  block_sum<kThreads>(shared, sum);
  if (threadIdx.x == 0) grid.workspace(first_partial)[place.layer * kPieces + place.block] = sum[0];
}

__global__ void __launch_bounds__(kThreads)
    transform_kernel(const __grid_constant__ SpectralNorm op, const double* first_partial, ReplicaGrid grid) {
  const Place place = place_of(Sweep::elements, op);
  const SpectralLayer layer = at_replica(op.layer[place.layer], grid.mine());
  const double* const partial = grid.workspace(first_partial) + place.layer * kPieces;
  wait_for_previous_kernel();
  double sum = 0;
  for (int p = 0; p < kPieces; ++p) sum += partial[p];
  const float along = static_cast<float>(sum), sigma = *layer.sigma;
  for (int k = 0; k < kElements / kThreads; ++k) {
    const std::int64_t i = place.block * kElements + k * kThreads + threadIdx.x;
    if (i >= layer.out * layer.in) return;
    layer.gradient[i] = formula::spectral_gradient_element(layer.gradient[i], along, layer.left[i / layer.in],
                                                           layer.right[i % layer.in], sigma);
  }
}

Launch launch_of(Sweep sweep, const SpectralNorm& op) {
  std::int64_t blocks = 0;
  for (std::int64_t l = 0; l < op.layers; ++l) blocks += blocks_of(sweep, op.layer[l].out, op.layer[l].in);
  return {.blocks = blocks, .threads = kThreads};
}

}  // namespace

void spectral_norm(QueueView queue, const SpectralNorm& op) {
  if (op.iterations > 0) launch(queue, launch_of(Sweep::columns, op), project_kernel, op, ReplicaGrid(queue));
  launch(queue, launch_of(Sweep::rows, op), product_kernel, op, ReplicaGrid(queue));
  launch(queue, launch_of(Sweep::elements, op), divide_kernel, op, ReplicaGrid(queue));
}

void spectral_gradient(QueueView queue, const SpectralNorm& op) {
  auto* const partial = reinterpret_cast<double*>(queue.workspace);
  launch(queue, launch_of(Sweep::pieces, op), along_kernel, op, partial, ReplicaGrid(queue));
  launch(queue, launch_of(Sweep::elements, op), transform_kernel, op, static_cast<const double*>(partial),
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
