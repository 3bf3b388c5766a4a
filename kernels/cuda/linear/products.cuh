// x W^T, (batch, out), by tiles or, for few outputs, by dot products, for what a layer makes of its products
// as they leave the registers: Put::put(op, row, column, product), called once for each element.
#pragma once

#include <algorithm>

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/properties.hpp"
#include "kernels/cuda/device/tile.cuh"
#include "kernels/cuda/linear/estimate.hpp"
#include "kernels/cuda/linear/thin.cuh"

namespace agon::kernels::cuda {

/// Block b computes tile (b / column_tiles, b % column_tiles).
template <class Put, class Op, class Shape, Precision P>
__global__ void __launch_bounds__(Shape::kThreads)
    linear_tiles_kernel(Op first, Operand x, Operand weight, unsigned column_tiles, ReplicaGrid grid) {
  using Tile = TileIn<Shape, P, Order::k_inner, Order::k_inner>;
  AGON_SHARED(float, shared, [Tile::kShared]);
  const Op op = at_replica(first, grid.mine());
  x.data = op.x;
  weight.data = op.weight;
  const int row = static_cast<int>(blockIdx.x / column_tiles) * Shape::kRows;
  const int column = static_cast<int>(blockIdx.x % column_tiles) * Shape::kColumns;
  Tile tile(x, row, weight, column, 0, x.stride);
  wait_for_previous_kernel();
  NoWatch nothing;
  tile.run(shared, nothing, [&](int, int r, int c, float product) {
    if (row + r < x.rows && column + c < weight.rows) Put::put(op, row + r, column + c, product);
  });
}

/// By the tile of op.choice, or the estimate's where it names none.
template <class Put, class Op>
void launch_linear_tiles(QueueView queue, const Op& op) {
  const TileKind kind = op.choice.splits > 0 ? op.choice.tile : estimated_tile(op.shape, multiprocessors());
  with_tile(kind, op.precision, [&]<class Shape, Precision P>() {
    const std::int64_t column_tiles = tiles(op.shape.out, Shape::kColumns);
    const Launch shape{.blocks = tiles(op.shape.batch, Shape::kRows) * column_tiles,
                       .threads = Shape::kThreads};
    const Operand x = operand(op.x, op.shape.in, op.shape.batch);
    const Operand weight = operand(op.weight, op.shape.in, op.shape.out);
    launch(queue, shape, linear_tiles_kernel<Put, Op, Shape, P>, op, x, weight,
           static_cast<unsigned>(column_tiles), ReplicaGrid(queue));
  });
}

constexpr int kDotThreads = 128;  // small blocks: more of the device at a small batch

template <class Put, class Op>
__global__ void __launch_bounds__(kDotThreads) linear_thin_kernel(Op first, bool vector, ReplicaGrid grid) {
  const Op op = at_replica(first, grid.mine());
  const WarpDots products(dots_of_rows(op, vector), warp_index(kDotThreads, static_cast<int>(blockIdx.x)));
  wait_for_previous_kernel();
  products.run([&](int row, int column, float product) { Put::put(op, row, column, product); });
}

/// For out <= kThin. fp32.
template <class Put, class Op>
void launch_linear_thin(QueueView queue, const Op& op) {
  narrow(std::max(op.shape.batch, op.shape.in));
  const std::int64_t blocks = blocks_for(narrow(dot_warps(op.shape.batch, op.shape.out)), kDotThreads / 32);
  const bool vector = op.shape.in % 4 == 0 && aligned(op.x) && aligned(op.weight);
  launch(queue, {.blocks = blocks, .threads = kDotThreads}, linear_thin_kernel<Put, Op>, op, vector,
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
