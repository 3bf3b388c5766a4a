// Linear layer forward: tiles of x W^T with the bias and LeakyReLU applied as they leave the registers.
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/linear_plan.hpp"
#include "kernels/cuda/linear_routes.hpp"
#include "kernels/cuda/properties.hpp"
#include "kernels/cuda/tile.cuh"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::cuda {
namespace {

/// Block b computes tile (b / column_tiles, b % column_tiles) of y.
template <class Shape, Precision P>
__global__ void __launch_bounds__(Shape::kThreads)
    forward_kernel(LinearForward first, Operand x, Operand weight, std::int64_t column_tiles,
                   ReplicaGrid grid) {
  using Tile = TileIn<Shape, P, Order::k_inner, Order::k_inner>;
  wait_for_previous_kernel();
  const LinearForward op = formula::at_replica(first, grid.mine());
  x.data = op.x;
  weight.data = op.weight;
  AGON_SHARED(float, shared, [Tile::kShared]);
  const std::int64_t row = blockIdx.x / column_tiles * Shape::kRows;
  const std::int64_t column = blockIdx.x % column_tiles * Shape::kColumns;
  NoWatch nothing;
  Tile::run(shared, x, row, weight, column, 0, op.shape.in, nothing, [&](int r, int c, float value) {
    if (row + r < op.shape.batch && column + c < op.shape.out) {
      const float z = value + op.bias[column + c];
      op.y[(row + r) * op.shape.out + column + c] = formula::leaky_relu(z, op.slope);
    }
  });
}

template <class Shape, Precision P>
void launch_forward(QueueView queue, const LinearForward& op) {
  const std::int64_t column_tiles = tiles(op.shape.out, Shape::kColumns);
  const Launch shape{.blocks = tiles(op.shape.batch, Shape::kRows) * column_tiles,
                     .threads = Shape::kThreads};
  const Operand x = operand(op.x, op.shape.in, op.shape.batch);
  const Operand weight = operand(op.weight, op.shape.in, op.shape.out);
  launch(queue, shape, forward_kernel<Shape, P>, op, x, weight, column_tiles, ReplicaGrid(queue));
}

template <class Shape>
void launch_forward(QueueView queue, const LinearForward& op) {
  switch (op.precision) {
    case Precision::fp32:
      return launch_forward<Shape, Precision::fp32>(queue, op);
    case Precision::tf32:
      return launch_forward<Shape, Precision::tf32>(queue, op);
    case Precision::bf16:
      return launch_forward<Shape, Precision::bf16>(queue, op);
  }
}

}  // namespace

void linear_forward_tiled(QueueView queue, const LinearForward& op) {
  switch (op.choice.splits > 0 ? op.choice.tile : plan_forward(op.shape, multiprocessors())) {
    case TileKind::small:
      return launch_forward<SmallTile>(queue, op);
    case TileKind::medium:
      return launch_forward<MediumTile>(queue, op);
    case TileKind::large:
      return launch_forward<LargeTile>(queue, op);
  }
}

}  // namespace agon::kernels::cuda
