// The weights' gradient: a sum over all coarse pixels of the coarse image's channels times the patches of the
// fine one. Where its tiles do not fill the device the sum is cut into pieces, which a second launch adds up,
// in order.
#include <algorithm>

#include "kernels/cuda/convolution/estimate.hpp"
#include "kernels/cuda/convolution/fill.cuh"
#include "kernels/cuda/convolution/pass.cuh"
#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/properties.hpp"
#include "kernels/cuda/device/tile.cuh"

namespace agon::kernels::cuda {
namespace {

/// Block b computes, of b as (piece, group, tile), that piece of that tile's sum.
struct WeightGrid {
  Meeting meeting;  ///< of the coarse pixels with the fine ones
  Radix blocks{};
  int column_tiles = 1;
  int group = 1;  ///< coarse channels of one
  int piece = 0;  ///< coarse pixels
  int pieces = 1;
  bool fine_vector = false, coarse_vector = false;
};

__device__ __forceinline__ void put_sum(const ConvolutionBackward& op, std::int64_t i, float sum) {
  op.dweight[i] = op.accumulate ? op.dweight[i] + sum : sum;
}

template <class Shape, Precision P>
__global__ void __launch_bounds__(Shape::kThreads)
    weight_kernel(ConvolutionBackward first, const __grid_constant__ WeightGrid weight, float* first_partial,
                  ReplicaGrid grid) {
  using Coarse = CopiesOfA<Shape, Order::k_outer>;
  using Patches = PatchColumns<Shape::kColumns, Shape::kDepth, Shape::kThreads>;
  using Multiply = ProductIn<Shape, P, Order::k_outer, Order::k_outer>;
  using Tile = TileProduct<Shape, Multiply, Order::k_outer, Order::k_outer, Coarse, Patches>;
  AGON_SHARED(float, shared, [Tile::kShared]);
  const ConvolutionBackward op = at_replica(first, grid.mine());
  float* const partial = grid.workspace(first_partial);
  const Meeting& meeting = weight.meeting;
  const int channels = static_cast<int>(op.shape.coarse_channels);
  const Digits block = weight.blocks.of(static_cast<int>(blockIdx.x));
  const int row = block.c / weight.column_tiles * Shape::kRows;
  const int column = block.c % weight.column_tiles * Shape::kColumns;
  const int k = block.a * weight.piece;
  const int left = meeting.row_count - k < weight.piece ? meeting.row_count - k : weight.piece;
  const float* const coarse = op.shape.transposed ? op.x : op.dz;
  const float* const fine = op.shape.transposed ? op.dz : op.x;
  const Operand rows{coarse + block.b * weight.group, channels, weight.group, weight.coarse_vector};
  const GroupImages images{fine + block.b * meeting.taps.inner, weight.fine_vector};
  Tile tile(Coarse(rows, row, k), Patches(meeting, images, column, k), left);
  wait_for_previous_kernel();
  NoWatch nothing;
  const std::int64_t piece = element(block.a * channels, meeting.patch, 0);
  tile.run(shared, nothing, [&](int, int r, int c, float sum) {
    if (row + r >= weight.group || column + c >= meeting.patch) return;
    const std::int64_t i = element(block.b * weight.group + row + r, meeting.patch, column + c);
    if (weight.pieces == 1) {
      put_sum(op, i, sum);
    } else {
      partial[piece + i] = sum;
    }
  });
}

constexpr int kAddThreads = 256;

/// Adds up the partial sums, (pieces, weights), in order.
__global__ void __launch_bounds__(kAddThreads)
    add_weights_kernel(ConvolutionBackward first, const float* first_partial, int pieces, ReplicaGrid grid) {
  const ConvolutionBackward op = at_replica(first, grid.mine());
  const float* const partial = grid.workspace(first_partial);
  const std::int64_t all = op.shape.weights();
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kAddThreads + threadIdx.x;
  wait_for_previous_kernel();
  if (i >= all) return;
  float sum = partial[i];
  for (int piece = 1; piece < pieces; ++piece) sum += partial[piece * all + i];
  put_sum(op, i, sum);
}

}  // namespace

void convolution_weight_gradient(QueueView queue, const ConvolutionBackward& op) {
  const ConvolutionShape& s = op.shape;
  check_sizes(s);
  auto* const partial = reinterpret_cast<float*>(queue.workspace);
  const auto [kind, pieces] = weight_tiles(op.choice, s, queue.workspace_bytes, multiprocessors());
  WeightGrid weight{.meeting = meeting_down(s),
                    .group = narrow(s.coarse_group()),
                    .piece = narrow(tiles(s.coarse_pixels(), pieces)),
                    .pieces = narrow(pieces),
                    .fine_vector = s.fine_group() % 4 == 0 && aligned(s.transposed ? op.dz : op.x),
                    .coarse_vector = s.coarse_group() % 4 == 0 && aligned(s.transposed ? op.x : op.dz)};
  with_tile(kind, op.precision, [&]<class Shape, Precision P>() {
    const std::int64_t column_tiles = tiles(s.patch(), Shape::kColumns);
    const std::int64_t tile_count = tiles(s.coarse_group(), Shape::kRows) * column_tiles;
    weight.blocks = {narrow(s.groups), narrow(tile_count)};
    weight.column_tiles = narrow(column_tiles);
    weight.meeting.stage = weight.meeting.rows.of(Shape::kDepth);
    launch(queue, {.blocks = weight.pieces * s.groups * tile_count, .threads = Shape::kThreads},
           weight_kernel<Shape, P>, op, weight, partial, ReplicaGrid(queue));
  });
  if (weight.pieces == 1) return;
  launch(queue, {.blocks = blocks_for(s.weights(), kAddThreads), .threads = kAddThreads}, add_weights_kernel,
         op, static_cast<const float*>(partial), weight.pieces, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
