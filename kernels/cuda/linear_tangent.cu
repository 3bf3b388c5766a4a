// A layer's tangent: the forward's products, by its tiles or its dot products, and what makes them a tangent
// as they leave the registers; or as a pass of its own, after a product of cuBLASLt.
#include "kernels/linear_tangent.hpp"

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/linear_plan.hpp"
#include "kernels/cuda/linear_routes.hpp"
#include "kernels/cuda/linear_thin.cuh"
#include "kernels/cuda/properties.hpp"
#include "kernels/cuda/tile.cuh"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThinThreadsOfBlock = 128;  // small blocks: more of the device at a small batch
constexpr int kPassThreads = 256;

/// What `product`, an element of x W^T, becomes; `activation` is the layer's output there.
__device__ __forceinline__ float tangent(const LinearTangent& op, float product, float weight,
                                         float& activation) {
  const float value = product * formula::leaky_relu_derivative(activation, op.slope);
  activation = formula::fused(weight, activation, value);
  return value;
}

__device__ __forceinline__ void put_tangent(const LinearTangent& op, std::int64_t row, std::int64_t column,
                                            float product) {
  const std::int64_t i = row * op.shape.out + column;
  op.y[i] = tangent(op, product, op.row_weight[row], op.activation[i]);
}

/// Block b computes tile (b / column_tiles, b % column_tiles) of y.
template <class Shape, Precision P>
__global__ void __launch_bounds__(Shape::kThreads)
    tangent_kernel(LinearTangent first, Operand x, Operand weight, std::int64_t column_tiles,
                   ReplicaGrid grid) {
  using Tile = TileIn<Shape, P, Order::k_inner, Order::k_inner>;
  wait_for_previous_kernel();
  const LinearTangent op = formula::at_replica(first, grid.mine());
  x.data = op.x;
  weight.data = op.weight;
  AGON_SHARED(float, shared, [Tile::kShared]);
  const std::int64_t row = blockIdx.x / column_tiles * Shape::kRows;
  const std::int64_t column = blockIdx.x % column_tiles * Shape::kColumns;
  NoWatch nothing;
  Tile::run(shared, x, row, weight, column, 0, op.shape.in, nothing, [&](int r, int c, float value) {
    if (row + r < op.shape.batch && column + c < op.shape.out) put_tangent(op, row + r, column + c, value);
  });
}

__global__ void __launch_bounds__(kThinThreadsOfBlock)
    tangent_thin_kernel(LinearTangent first, bool vector, ReplicaGrid grid) {
  wait_for_previous_kernel();
  const LinearTangent op = formula::at_replica(first, grid.mine());
  dots(dots_of_rows(op, vector), warp_index(kThinThreadsOfBlock, blockIdx.x),
       [&](std::int64_t row, int column, float value) { put_tangent(op, row, column, value); });
}

/// Memory-bound; four elements to a thread where rows are multiples of four and the arrays allow 16-byte
/// accesses, else one.
template <class Element>
__global__ void __launch_bounds__(kPassThreads) tangent_pass_kernel(LinearTangent first, ReplicaGrid grid) {
  wait_for_previous_kernel();
  const LinearTangent op = formula::at_replica(first, grid.mine());
  constexpr int kEach = sizeof(Element) / sizeof(float);
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kPassThreads + threadIdx.x;
  if (i * kEach >= op.shape.batch * op.shape.out) return;
  const float weight = op.row_weight[i * kEach / op.shape.out];
  Element products = reinterpret_cast<Element*>(op.y)[i];
  Element activations = reinterpret_cast<Element*>(op.activation)[i];
  float* const product = reinterpret_cast<float*>(&products);
  float* const activation = reinterpret_cast<float*>(&activations);
#pragma unroll
  for (int e = 0; e < kEach; ++e) product[e] = tangent(op, product[e], weight, activation[e]);
  reinterpret_cast<Element*>(op.y)[i] = products;
  reinterpret_cast<Element*>(op.activation)[i] = activations;
}

template <class Shape, Precision P>
void launch_tangent(QueueView queue, const LinearTangent& op) {
  const std::int64_t column_tiles = tiles(op.shape.out, Shape::kColumns);
  const Launch shape{.blocks = tiles(op.shape.batch, Shape::kRows) * column_tiles,
                     .threads = Shape::kThreads};
  const Operand x = operand(op.x, op.shape.in, op.shape.batch);
  const Operand weight = operand(op.weight, op.shape.in, op.shape.out);
  launch(queue, shape, tangent_kernel<Shape, P>, op, x, weight, column_tiles, ReplicaGrid(queue));
}

template <class Shape>
void launch_tangent(QueueView queue, const LinearTangent& op) {
  switch (op.precision) {
    case Precision::fp32:
      return launch_tangent<Shape, Precision::fp32>(queue, op);
    case Precision::tf32:
      return launch_tangent<Shape, Precision::tf32>(queue, op);
    case Precision::bf16:
      return launch_tangent<Shape, Precision::bf16>(queue, op);
  }
}

}  // namespace

void linear_tangent_thin(QueueView queue, const LinearTangent& op) {
  const std::int64_t blocks = blocks_for(dot_warps(op.shape.batch, op.shape.out), kThinThreadsOfBlock / 32);
  const bool vector = op.shape.in % 4 == 0 && aligned(op.x) && aligned(op.weight);
  launch(queue, {.blocks = blocks, .threads = kThinThreadsOfBlock}, tangent_thin_kernel, op, vector,
         ReplicaGrid(queue));
}

void linear_tangent_tiled(QueueView queue, const LinearTangent& op) {
  switch (op.choice.splits > 0 ? op.choice.tile : plan_forward(op.shape, multiprocessors())) {
    case TileKind::small:
      return launch_tangent<SmallTile>(queue, op);
    case TileKind::medium:
      return launch_tangent<MediumTile>(queue, op);
    case TileKind::large:
      return launch_tangent<LargeTile>(queue, op);
  }
}

void tangent_of_product(QueueView queue, const LinearTangent& op) {
  const std::int64_t n = op.shape.batch * op.shape.out;
  const bool vector = op.shape.out % 4 == 0 && aligned(op.y) && aligned(op.activation);
  const Launch shape{.blocks = blocks_for(n, (vector ? 4 : 1) * kPassThreads), .threads = kPassThreads};
  launch(queue, shape, vector ? tangent_pass_kernel<float4> : tangent_pass_kernel<float>, op,
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
