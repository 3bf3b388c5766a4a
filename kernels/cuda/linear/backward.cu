// Gradients of one or two linear layers in one launch: blocks of one grid compute tiles of each one's dweight
// (with dbias, and Adam behind them) and tiles of its dx. Where the sum over the batch is cut into pieces a
// second launch adds them up, in order.
#include "kernels/cuda/linear/backward.cuh"

#include <algorithm>

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/properties.hpp"
#include "kernels/cuda/linear/backends.hpp"
#include "kernels/cuda/linear/thin.cuh"
#include "kernels/cuda/step/step_end.cuh"

namespace agon::kernels::cuda {
namespace {

struct Job {
  LinearBackward op{};
  BackwardWay way{};
  unsigned blocks = 0;
  TiledBackward tiled{};
  ThinBackward thin_grid{};
  float* partial = nullptr;  // in the first replica's workspace
};

/// Both jobs' blocks, and one more where the step ends here, too.
struct Jobs {
  Job first{}, second{};
  bool ends = false;
  Ending end{};

  std::int64_t blocks() const { return std::int64_t{first.blocks} + second.blocks + (ends ? 1 : 0); }
};

template <class Shape, Precision P>
inline constexpr int kShared =
    kTiledBackwardShared<Shape, P> > kThinShared ? kTiledBackwardShared<Shape, P> : kThinShared;

/// Blocks on a multiprocessor, at least. Aiming at two of a larger tile's, ptxas spills a register of the
/// medium tiles on sm_80.
template <class Shape>
inline constexpr int kLeastBlocks = Shape::kWarpDepth > 1 ? 2 : 1;

template <class Shape, Precision P>
__global__ void __launch_bounds__(Shape::kThreads, kLeastBlocks<Shape>)
    backward_kernel(const __grid_constant__ Jobs jobs, ReplicaGrid grid) {
  static_assert(Shape::kThreads == kThinThreads && kShared<Shape, P> >= kEndShared<Shape::kThreads>);
  AGON_SHARED(float, shared, [kShared<Shape, P>]);
  if (jobs.ends && blockIdx.x == gridDim.x - 1) {
    wait_for_previous_kernel();
    return end_step<Shape::kThreads>(shared, jobs.end, grid.mine());
  }
  const bool beside = blockIdx.x >= jobs.first.blocks;
  const Job& job = beside ? jobs.second : jobs.first;
  const int block = static_cast<int>(blockIdx.x - (beside ? jobs.first.blocks : 0));
  const LinearBackward op = at_replica(job.op, grid.mine());
  float* const partial = grid.workspace(job.partial);
  if (job.way.thin) {
    thin_backward_block(shared, op, job.thin_grid, partial, block);
  } else {
    tiled_backward_block<Shape, P>(shared, op, job.tiled, partial, block);
  }
}

constexpr int kAddThreads = 256;

/// Adds up the `splits` partial gradients, (splits, out * in + out), in order.
__global__ void __launch_bounds__(kAddThreads)
    add_partials_kernel(LinearBackward first, const float* first_partial, int splits, ReplicaGrid grid) {
  const LinearBackward op = at_replica(first, grid.mine());
  const float* const partial = grid.workspace(first_partial);
  const std::int64_t weights = op.shape.out * op.shape.in, all = weights + op.shape.out;
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kAddThreads + threadIdx.x;
  wait_for_previous_kernel();
  if (i >= (op.dbias == nullptr ? weights : all)) return;
  float sum = partial[i];
  for (int split = 1; split < splits; ++split) sum += partial[split * all + i];
  if (i < weights) {
    GradientSink(op, op.dweight).put(i, sum);
  } else {
    GradientSink(op, op.dbias).put(i - weights, sum);
  }
}

ThinBackward thin_grid_of(const LinearBackward& op, int splits) {
  const auto& [batch, in, out] = op.shape;
  ThinBackward grid;
  grid.thin_is_dz = out <= kThin;
  grid.wide_columns = static_cast<int>(grid.thin_is_dz ? in : out);
  grid.thin_columns = static_cast<int>(grid.thin_is_dz ? out : in);
  grid.vector = grid.wide_columns % 4 == 0 && aligned(grid.thin_is_dz ? op.x : op.dz);
  grid.vector_rows = in % 4 == 0 && aligned(op.x) && aligned(op.weight) && aligned(op.dx);
  grid.piece = static_cast<int>(batch);
  if (op.dweight == nullptr) return grid;
  const std::int64_t tile_count = tiles(grid.wide_columns, kWide) * tiles(grid.thin_columns, kGroup);
  grid.splits = splits;
  grid.piece = static_cast<int>(tiles(batch, grid.splits));
  grid.blocks = narrow(tile_count * grid.splits);
  return grid;
}

std::int64_t thin_blocks(const LinearBackward& op, const ThinBackward& grid) {
  if (op.dx == nullptr) return grid.blocks;
  const auto& [batch, in, out] = op.shape;
  const std::int64_t warps =
      grid.thin_is_dz ? tiles(batch, kExpandRows) * tiles(in, kWide) : dot_warps(batch, in);
  return grid.blocks + tiles(narrow(warps), kThinWarps);
}

TiledBackward tile_grid(const LinearBackward& op, const BackwardTiles& chosen) {
  const auto& [batch, in, out] = op.shape;
  const TileCost& tile = *std::find_if(kTileCosts.begin(), kTileCosts.end(),
                                       [&](const TileCost& cost) { return cost.kind == chosen.kind; });
  TiledBackward grid;
  grid.column_tiles = narrow(tiles(in, tile.columns));
  grid.weight_tiles = op.dweight == nullptr ? 0 : narrow(tiles(out, tile.rows) * grid.column_tiles);
  grid.input_tiles = op.dx == nullptr ? 0 : narrow(tiles(batch, tile.rows) * grid.column_tiles);
  grid.splits = chosen.splits;
  grid.piece = static_cast<int>(tiles(batch, chosen.splits));
  grid.x_vector = in % 4 == 0 && aligned(op.x);
  grid.dz_vector = out % 4 == 0 && aligned(op.dz);
  grid.weight_vector = in % 4 == 0 && aligned(op.weight);
  return grid;
}

/// `workspace`, so many bytes, is the job's own.
Job job_of(const LinearBackward& op, std::byte* workspace, std::size_t bytes) {
  narrow(std::max({op.shape.batch, op.shape.in, op.shape.out}));
  Job job{
      .op = op, .way = way_of(op, bytes, multiprocessors()), .partial = reinterpret_cast<float*>(workspace)};
  if (job.way.thin) {
    job.thin_grid = thin_grid_of(op, job.way.tiles.splits);
    job.blocks = static_cast<unsigned>(narrow(thin_blocks(op, job.thin_grid)));
  } else {
    job.tiled = tile_grid(op, job.way.tiles);
    const std::int64_t weight_blocks = std::int64_t{job.tiled.weight_tiles} * job.tiled.splits;
    job.blocks = static_cast<unsigned>(narrow(weight_blocks + job.tiled.input_tiles));
  }
  return job;
}

void launch_jobs(QueueView queue, const Jobs& jobs) {
  const Job& tiled = jobs.first.way.thin && jobs.second.blocks > 0 ? jobs.second : jobs.first;
  with_tile(tiled.way.tiles.kind, tiled.op.precision, [&]<class Shape, Precision P>() {
    const Launch shape{.blocks = jobs.blocks(), .threads = Shape::kThreads};
    launch(queue, shape, backward_kernel<Shape, P>, jobs, ReplicaGrid(queue));
  });
  for (const Job* job : {&jobs.first, &jobs.second}) {
    const int splits = job->way.tiles.splits;
    if (splits == 1) continue;
    launch(queue, {.blocks = blocks_for(partial_size(job->op.shape), kAddThreads), .threads = kAddThreads},
           add_partials_kernel, job->op, static_cast<const float*>(job->partial), splits, ReplicaGrid(queue));
  }
}

}  // namespace

void linear_backward_own(QueueView queue, const LinearBackward* ops, int count, const StepEnd* end) {
  const std::size_t half = half_workspace(queue.workspace_bytes);
  const Job first = job_of(ops[0], queue.workspace, count == 1 ? queue.workspace_bytes : half);
  const Job second = count == 1 ? Job{} : job_of(ops[1], queue.workspace + half, half);
  Jobs last{.first = first, .second = second};
  if (count == 2 && !together(first.way, second.way)) {
    launch_jobs(queue, {.first = first});
    last = {.first = second};
  }
  if (end != nullptr) {
    last.ends = true;
    last.end = ending(*end);
  }
  launch_jobs(queue, last);
}

/// dweight of a layer whose one input is the rows' weights.
void weighted_bias_gradient(QueueView queue, const LinearBackward& op) {
  const LinearBackward sums{
      .shape = {op.shape.batch, 1, op.shape.out}, .x = op.row_weight, .dz = op.dz, .dweight = op.dbias};
  linear_backward_own(queue, &sums, 1, nullptr);
}

}  // namespace agon::kernels::cuda
