// From the coarse images to the fine ones. Fine pixels whose rows and columns leave the same rest by the
// stride meet the same taps: each such phase is a product of its own, of whole sums, and all of them are one
// launch.
#include <algorithm>

#include "kernels/cuda/convolution/estimate.hpp"
#include "kernels/cuda/convolution/fill.cuh"
#include "kernels/cuda/convolution/pass.cuh"
#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/properties.hpp"
#include "kernels/cuda/device/tile.cuh"

namespace agon::kernels::cuda {
namespace {

/// Block b computes, of b behind its phase's first as (tile row, group, tile column), that tile.
struct UpGrid {
  int count = 0;
  int blocks = 0;
  Radix block{};
  GroupWeights weight{};  ///< but for `data`
  int kernel = 1, stride = 1;
  int group = 1;  ///< elements of a group's weights
  bool vector = false;
  Phase phases[kPhases]{};  // last: tests/simulator/runtime/padding.hpp, clear_padding()
};

__device__ __forceinline__ int phase_of(const UpGrid& up, int block) {
  int phase = 0;
  while (phase + 1 < up.count && block >= up.phases[phase + 1].first_block) ++phase;
  return phase;
}

/// Blocks on a multiprocessor, at least; 0 leaves it to ptxas, which gives large tiles in fp32 registers for
/// only one.
template <class Shape>
inline constexpr int kLeastBlocks = Shape::kWarpDepth == 1 ? 2 : 0;

template <class Shape, Precision P>
__global__ void __launch_bounds__(Shape::kThreads, kLeastBlocks<Shape>)
    up_kernel(ConvolutionPass first, const __grid_constant__ UpGrid up, ReplicaGrid grid) {
  using Rows = PatchRows<Shape::kRows, Shape::kDepth, Shape::kThreads>;
  using Weights = TapWeights<Shape::kColumns, Shape::kDepth, Shape::kThreads>;
  using Multiply = ProductIn<Shape, P, Order::k_inner, Order::k_outer>;
  using Tile = TileProduct<Shape, Multiply, Order::k_inner, Order::k_outer, Rows, Weights>;
  AGON_SHARED(float, shared, [Tile::kShared]);
  const ConvolutionPass pass = at_replica(first, grid.mine());
  const Phase& phase = up.phases[phase_of(up, static_cast<int>(blockIdx.x))];
  const Meeting& meeting = phase.meeting;
  const Digits block = up.block.of(static_cast<int>(blockIdx.x) - phase.first_block);
  const int row = block.a * Shape::kRows, column = block.c * Shape::kColumns;
  const int channels = up.weight.columns;
  GroupWeights weight = up.weight;
  weight.data = pass.weight + element(block.b, up.group, 0) +
                (phase.first_row * up.kernel + phase.first_column) * channels;
  const GroupImages images{pass.from + block.b * meeting.taps.inner, up.vector};
  Tile tile(Rows(meeting, images, row), Weights(meeting, weight, column), meeting.patch);
  wait_for_previous_kernel();
  NoWatch nothing;
  const int height = static_cast<int>(pass.shape.fine.height),
            width = static_cast<int>(pass.shape.fine.width);
  tile.run(shared, nothing, [&](int, int r, int c, float product) {
    if (row + r >= meeting.row_count || column + c >= channels) return;
    const Digits at = meeting.rows.of(row + r);
    const int y = at.b * up.stride + phase.row, x = at.c * up.stride + phase.column;
    const int channel = block.b * channels + column + c;
    pass.put(element((at.a * height + y) * width + x, pass.shape.fine.channels, channel), at.a, channel,
             product);
  });
}

/// The phases from number `first` on, of stride * stride, with their blocks.
template <class Shape>
UpGrid up_grid(const ConvolutionPass& pass, std::int64_t first) {
  const ConvolutionShape& s = pass.shape;
  const std::int64_t columns = tiles(s.fine_group(), Shape::kColumns);
  UpGrid up{.block = {narrow(s.groups), narrow(columns)},
            .weight = {.data = nullptr,
                       .row = narrow(s.patch()),
                       .tap = narrow(s.stride * s.fine_group()),
                       .tap_row = narrow(s.stride * s.kernel * s.fine_group()),
                       .columns = narrow(s.fine_group()),
                       .vector = s.fine_group() % 4 == 0 && aligned(pass.weight)},
            .kernel = narrow(s.kernel),
            .stride = narrow(s.stride),
            .group = narrow(s.coarse_group() * s.patch()),
            .vector = s.coarse_group() % 4 == 0 && aligned(pass.from)};
  for (std::int64_t i = first; i < std::min(first + kPhases, s.stride * s.stride); ++i) {
    const Phase phase = phase_up(s, i / s.stride, i % s.stride);
    if (phase.meeting.row_count > 0) up.phases[up.count++] = phase;
  }
  std::sort(up.phases, up.phases + up.count, [](const Phase& a, const Phase& b) {
    return a.meeting.patch > b.meeting.patch;  // the longest first: the device ends together
  });
  for (int i = 0; i < up.count; ++i) {
    Phase& phase = up.phases[i];
    phase.meeting.stage = phase.meeting.taps.of(Shape::kDepth);
    phase.first_block = up.blocks;
    up.blocks = narrow(up.blocks + tiles(phase.meeting.row_count, Shape::kRows) * s.groups * columns);
  }
  return up;
}

}  // namespace

void convolution_up(QueueView queue, const ConvolutionPass& pass) {
  const ConvolutionShape& s = pass.shape;
  check_sizes(s);
  const TileKind kind = tile_of(pass.choice, products_up(s), multiprocessors());
  const std::int64_t phases = s.stride * s.stride;
  with_tile(kind, pass.precision, [&]<class Shape, Precision P>() {
    for (std::int64_t first = 0; first < phases; first += kPhases) {
      const UpGrid up = up_grid<Shape>(pass, first);
      if (up.count == 0) continue;
      launch(queue, {.blocks = up.blocks, .threads = Shape::kThreads}, up_kernel<Shape, P>, pass, up,
             ReplicaGrid(queue));
    }
  });
}

}  // namespace agon::kernels::cuda
