// Linear layer backward, in one launch: blocks of one grid compute tiles of dweight (with dbias) and tiles of
// dx. Where the sum over the batch is cut into pieces a second launch adds them up, in order.
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/linear_plan.hpp"
#include "kernels/cuda/linear_routes.hpp"
#include "kernels/cuda/properties.hpp"
#include "kernels/cuda/tile.cuh"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::cuda {
namespace {

/// Blocks [0, weight_tiles * splits) compute dweight, the rest dx.
struct BackwardGrid {
  std::int64_t column_tiles;  // of dweight and of dx: both have `in` columns
  std::int64_t weight_tiles;  // 0 where dweight is not asked for
  std::int64_t input_tiles;   // 0 where dx is not
  std::int64_t piece;         // batch rows of a split
  int splits;
  float* partial;  // (splits, out * in + out), used where there are several splits
};

template <class Shape, Precision P>
using WeightTile = TileIn<Shape, P, Order::k_outer, Order::k_outer>;
template <class Shape, Precision P>
using InputTile = TileIn<Shape, P, Order::k_inner, Order::k_outer>;

/// Sums dz over the batch from the stages of dz^T that pass by: dbias comes with dweight's first column of
/// tiles. Each of kParts threads of a row takes its share of a stage's k's.
template <class Shape>
struct BiasSum {
  using Dz = Stage<Order::k_outer, Shape::kRows, Shape::kDepth>;
  static constexpr int kParts = Shape::kThreads / Shape::kRows;
  static constexpr int kShare = Shape::kDepth / kParts;
  bool wanted;
  float sum = 0.0f;

  __device__ __forceinline__ void operator()(const float* dz) {
    if (!wanted) return;
    const int row = static_cast<int>(threadIdx.x) % Shape::kRows,
              part = static_cast<int>(threadIdx.x) / Shape::kRows;
#pragma unroll
    for (int k = 0; k < kShare; ++k) sum += dz[Dz::at(row, part * kShare + k)];
  }

  /// Writes the sums of the tile's rows to to[row]; `shared` is free after a barrier.
  __device__ __forceinline__ void finish(float* shared, float* to, std::int64_t row,
                                         std::int64_t rows) const {
    __syncthreads();
    if (wanted) shared[threadIdx.x] = sum;
    __syncthreads();
    const int r = static_cast<int>(threadIdx.x);
    if (wanted && r < Shape::kRows && row + r < rows) {
      float total = shared[r];
#pragma unroll
      for (int part = 1; part < kParts; ++part) total += shared[part * Shape::kRows + r];
      to[row + r] = total;
    }
  }
};

template <class Shape, Precision P>
__device__ __forceinline__ void weight_block(float* shared, const LinearBackward& op, const Operand& x,
                                             const Operand& dz, const BackwardGrid& grid,
                                             std::int64_t block) {
  const std::int64_t split = block / grid.weight_tiles, tile = block % grid.weight_tiles;
  const std::int64_t row = tile / grid.column_tiles * Shape::kRows;
  const std::int64_t column = tile % grid.column_tiles * Shape::kColumns;
  const std::int64_t k = split * grid.piece;
  const std::int64_t k_end = k + grid.piece < op.shape.batch ? k + grid.piece : op.shape.batch;
  float* const own = grid.partial + split * (op.shape.out * op.shape.in + op.shape.out);
  float* const dweight = grid.splits == 1 ? op.dweight : own;
  float* const dbias = grid.splits == 1 ? op.dbias : own + op.shape.out * op.shape.in;
  BiasSum<Shape> bias{.wanted = column == 0};
  WeightTile<Shape, P>::run(shared, dz, row, x, column, k, k_end, bias, [&](int r, int c, float value) {
    if (row + r < op.shape.out && column + c < op.shape.in)
      dweight[(row + r) * op.shape.in + column + c] = value;
  });
  bias.finish(shared, dbias, row, op.shape.out);
}

template <class Shape, Precision P>
__device__ __forceinline__ void input_block(float* shared, const LinearBackward& op, const Operand& dz,
                                            const Operand& weight, const BackwardGrid& grid,
                                            std::int64_t block) {
  const std::int64_t row = block / grid.column_tiles * Shape::kRows;
  const std::int64_t column = block % grid.column_tiles * Shape::kColumns;
  NoWatch nothing;
  InputTile<Shape, P>::run(shared, dz, row, weight, column, 0, op.shape.out, nothing,
                           [&](int r, int c, float value) {
                             if (row + r < op.shape.batch && column + c < op.shape.in) {
                               const std::int64_t i = (row + r) * op.shape.in + column + c;
                               op.dx[i] = value * formula::leaky_relu_derivative(op.x[i], op.input_slope);
                             }
                           });
}

// One block a multiprocessor at least: aiming at two, ptxas spills a register of the medium tiles on sm_80.
template <class Shape, Precision P>
__global__ void __launch_bounds__(Shape::kThreads, 1)
    backward_kernel(LinearBackward op, Operand x_outer, Operand dz_outer, Operand dz_inner, Operand weight,
                    BackwardGrid grid) {
  constexpr int kWeight = WeightTile<Shape, P>::kShared, kInput = InputTile<Shape, P>::kShared;
  AGON_SHARED(float, shared, [kWeight > kInput ? kWeight : kInput]);
  const std::int64_t block = blockIdx.x, weight_blocks = grid.weight_tiles * grid.splits;
  if (block < weight_blocks) {
    weight_block<Shape, P>(shared, op, x_outer, dz_outer, grid, block);
  } else {
    input_block<Shape, P>(shared, op, dz_inner, weight, grid, block - weight_blocks);
  }
}

template <class Shape, Precision P>
void launch_backward(QueueView queue, const LinearBackward& op, int splits) {
  const auto& [batch, in, out] = op.shape;
  BackwardGrid grid{};
  grid.column_tiles = tiles(in, Shape::kColumns);
  grid.weight_tiles = op.dweight == nullptr ? 0 : tiles(out, Shape::kRows) * grid.column_tiles;
  grid.input_tiles = op.dx == nullptr ? 0 : tiles(batch, Shape::kRows) * grid.column_tiles;
  grid.piece = tiles(batch, splits);
  grid.splits = splits;
  grid.partial = reinterpret_cast<float*>(queue.workspace);
  const Launch shape{.blocks = grid.weight_tiles * splits + grid.input_tiles, .threads = Shape::kThreads};
  launch(queue, shape, backward_kernel<Shape, P>, op, operand(op.x, in, in), operand(op.dz, out, out),
         operand(op.dz, out, batch), operand(op.weight, in, in), grid);
}

template <class Shape>
void launch_backward(QueueView queue, const LinearBackward& op, int splits) {
  switch (op.precision) {
    case Precision::fp32:
      return launch_backward<Shape, Precision::fp32>(queue, op, splits);
    case Precision::tf32:
      return launch_backward<Shape, Precision::tf32>(queue, op, splits);
    case Precision::bf16:
      return launch_backward<Shape, Precision::bf16>(queue, op, splits);
  }
}

constexpr int kAddThreads = 256;

__global__ void __launch_bounds__(kAddThreads)
    add_partials_kernel(const float* partial, int splits, std::int64_t weights, std::int64_t all,
                        float* dweight, float* dbias) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kAddThreads + threadIdx.x;
  if (i >= all) return;
  float sum = partial[i];
  for (int split = 1; split < splits; ++split) sum += partial[split * all + i];
  if (i < weights) {
    dweight[i] = sum;
  } else {
    dbias[i - weights] = sum;
  }
}

}  // namespace

void add_partial_gradients(QueueView queue, const LinearBackward& op, int splits) {
  const std::int64_t all = partial_size(op.shape);
  launch(queue, {.blocks = blocks_for(all, kAddThreads), .threads = kAddThreads}, add_partials_kernel,
         reinterpret_cast<const float*>(queue.workspace), splits, op.shape.out * op.shape.in, all, op.dweight,
         op.dbias);
}

void linear_backward_tiled(QueueView queue, const LinearBackward& op) {
  const BackwardPlan plan = plan_backward(op.shape, op.dx != nullptr, op.dweight != nullptr,
                                          multiprocessors(), queue.workspace_bytes);
  switch (plan.kind) {
    case TileKind::small:
      launch_backward<SmallTile>(queue, op, plan.splits);
      break;
    case TileKind::medium:
      launch_backward<MediumTile>(queue, op, plan.splits);
      break;
    case TileKind::large:
      launch_backward<LargeTile>(queue, op, plan.splits);
      break;
  }
  if (plan.splits > 1) add_partial_gradients(queue, op, plan.splits);
}

}  // namespace agon::kernels::cuda
