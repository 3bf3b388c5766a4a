// From the fine images to the coarse ones: coarse pixels are rows of a product, the elements of their patches
// its k's.
#include "kernels/cuda/convolution/estimate.hpp"
#include "kernels/cuda/convolution/fill.cuh"
#include "kernels/cuda/convolution/pass.cuh"
#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/properties.hpp"
#include "kernels/cuda/device/tile.cuh"

namespace agon::kernels::cuda {
namespace {

/// Block b computes, of b as (tile row, group, tile column), that tile.
struct DownGrid {
  Meeting meeting;
  Radix blocks{};
  Operand weight;  ///< of one group
  bool vector = false;
};

template <class Shape, Precision P>
__global__ void __launch_bounds__(Shape::kThreads)
    down_kernel(ConvolutionPass first, const __grid_constant__ DownGrid down, ReplicaGrid grid) {
  using Rows = PatchRows<Shape::kRows, Shape::kDepth, Shape::kThreads>;
  using Weights = CopiesOfB<Shape, Order::k_inner>;
  using Multiply = ProductIn<Shape, P, Order::k_inner, Order::k_inner>;
  using Tile = TileProduct<Shape, Multiply, Order::k_inner, Order::k_inner, Rows, Weights>;
  AGON_SHARED(float, shared, [Tile::kShared]);
  const ConvolutionPass pass = at_replica(first, grid.mine());
  const Digits block = down.blocks.of(static_cast<int>(blockIdx.x));
  const int row = block.a * Shape::kRows, column = block.c * Shape::kColumns;
  const int channels = down.weight.rows, first_channel = block.b * channels;
  Operand weight = down.weight;
  weight.data = pass.weight + element(first_channel, weight.stride, 0);
  const GroupImages images{pass.from + block.b * down.meeting.taps.inner, down.vector};
  Tile tile(Rows(down.meeting, images, row), Weights(weight, column, 0), down.meeting.patch);
  wait_for_previous_kernel();
  NoWatch nothing;
  tile.run(shared, nothing, [&](int, int r, int c, float product) {
    if (row + r >= down.meeting.row_count || column + c >= channels) return;
    const int image = pass.updated == nullptr ? 0 : down.meeting.rows.of(row + r).a;
    const int channel = first_channel + column + c;
    pass.put(element(row + r, pass.shape.coarse_channels, channel), image, channel, product);
  });
}

}  // namespace

void convolution_down(QueueView queue, const ConvolutionPass& pass) {
  const ConvolutionShape& s = pass.shape;
  check_sizes(s);
  DownGrid down{.meeting = meeting_down(s),
                .weight = operand(pass.weight, s.patch(), s.coarse_group()),
                .vector = s.fine_group() % 4 == 0 && aligned(pass.from)};
  const TileKind kind = tile_of(pass.choice, products_down(s), multiprocessors());
  with_tile(kind, pass.precision, [&]<class Shape, Precision P>() {
    const std::int64_t columns = tiles(s.coarse_group(), Shape::kColumns);
    down.blocks = {narrow(s.groups), narrow(columns)};
    down.meeting.stage = down.meeting.taps.of(Shape::kDepth);
    const Launch shape{.blocks = tiles(s.coarse_pixels(), Shape::kRows) * s.groups * columns,
                       .threads = Shape::kThreads};
    launch(queue, shape, down_kernel<Shape, P>, pass, down, ReplicaGrid(queue));
  });
}

}  // namespace agon::kernels::cuda
