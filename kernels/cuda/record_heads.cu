// A block takes a row. Its warps share the heads, whose levels a warp's lanes share; then the numbers, a lane
// each, and their columns. Nothing is kept in shared memory, so heads and levels may be as many as they like.
#include "kernels/record_heads.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/reduce.cuh"
#include "kernels/cuda/level_choice.cuh"
#include "kernels/cuda/record_columns.cuh"
#include "kernels/formula/record_heads.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kWarps = kThreads / 32;

__device__ __forceinline__ int warp_index() { return static_cast<int>(threadIdx.x / 32); }

/// Of a head by one warp: a softmax's weights become its shares.
__device__ __forceinline__ void divide_by_sum(float* weights, std::int64_t levels, float sum) {
  const float scale = formula::quotient(1.0f, warp_sum(sum));
  for (std::int64_t level = lane_index(); level < levels; level += 32) weights[level] *= scale;
}

/// Of a head by one warp: its levels' columns.
template <HeadChoice how>
__device__ __forceinline__ void head_forward(const float* logits, float* y, std::int64_t levels) {
  const formula::LevelChoice best = choice(logits, levels);
  float sum = 0.0f;
  for (std::int64_t level = lane_index(); level < levels; level += 32) {
    y[level] = how == HeadChoice::gumbel
                   ? formula::level_weight(logits[level], best.logit, formula::inverse_temperature(how))
               : level == best.level ? 1.0f
                                     : 0.0f;
    sum += y[level];
  }
  if (how == HeadChoice::gumbel) divide_by_sum(y, levels, sum);
}

__device__ __forceinline__ formula::ScoreRank linked(NumberLink link, float score) {
  return link == NumberLink::tanh ? formula::tanh_rank(score) : formula::score_rank(score);
}

/// A kernel for each choice: one for both would need more registers than it may have.
template <HeadChoice how>
__global__ void __launch_bounds__(kThreads) record_heads_kernel(RecordHeads first, ReplicaGrid grid) {
  const RecordHeads op = at_replica(first, grid.mine());
  const RecordShape& shape = op.shape;
  const float* const scores = op.scores + blockIdx.x * shape.scores();
  float* const y = op.y + blockIdx.x * shape.width();
  wait_for_previous_kernel();
  for (std::int64_t h = warp_index(); h < shape.heads; h += kWarps) {
    const std::int64_t begin = shape.head_first[h], levels = shape.head_first[h + 1] - begin;
    head_forward<how>(scores + begin, y + begin, levels);
  }
  __syncthreads();
  for (std::int64_t q = 32 * warp_index(); q < shape.numbers; q += kThreads) {
    const std::int64_t mine = q + lane_index();
    const float score = mine < shape.numbers ? scores[shape.levels + mine] : 0.0f;
    write_numbers(shape, y, q, linked(shape.link, score).u);
  }
}

/// Adds each lane's value to total[gate], gate >= 0: of the lanes with one gate the first adds them all, in
/// their order. Called by the whole warp.
__device__ __forceinline__ void add_by_gate(float* total, std::int32_t gate, float value) {
  const unsigned same = __match_any_sync(0xffffffffu, gate);
  float sum = 0.0f;
  for (int lane = 0; lane < 32; ++lane) {
    const float other = __shfl_sync(0xffffffffu, value, lane);
    if ((same >> lane & 1u) != 0) sum += other;
  }
  if (gate >= 0 && __ffs(static_cast<int>(same)) - 1 == lane_index()) total[gate] += sum;
  __syncwarp();
}

/// Of a row by one warp: the gradients by the scores of numbers as if their gates were open; to the gradients
/// by levels, in dscores, what the numbers add to their gates'.
__device__ __forceinline__ void numbers_backward(const RecordShape& shape, const float* scores,
                                                 const float* dy, float* dscores) {
  for (std::int64_t first = 0; first < shape.numbers; first += 32) {
    const std::int64_t q = first + lane_index();
    formula::NumberGradient gradient{};
    std::int32_t gate = -1;
    if (q < shape.numbers) {
      gate = shape.gate[q];
      gradient = formula::number_gradient(shape.link, linked(shape.link, scores[shape.levels + q]),
                                          dy + shape.levels + q * number_width(shape.link));
      dscores[shape.levels + q] = gradient.score;
    }
    add_by_gate(dscores, gate, gradient.gate);
  }
}

/// Of a head by one warp: its levels' gradients, in dscores, become its logits'. Returns its choice.
__device__ __forceinline__ std::int32_t head_backward(HeadChoice how, const float* logits, float* dscores,
                                                      std::int64_t levels) {
  const formula::LevelChoice best = choice(logits, levels);
  const float inverse = formula::inverse_temperature(how);
  float weights = 0.0f, products = 0.0f;
  for (std::int64_t level = lane_index(); level < levels; level += 32) {
    const float weight = formula::level_weight(logits[level], best.logit, inverse);
    weights += weight;
    products = formula::fused(weight, dscores[level], products);
  }
  const float scale = formula::quotient(1.0f, warp_sum(weights));
  const float mean = warp_sum(products) * scale;
  for (std::int64_t level = lane_index(); level < levels; level += 32) {
    const float share = formula::level_weight(logits[level], best.logit, inverse) * scale;
    dscores[level] = formula::logit_gradient(share, dscores[level], mean, inverse);
  }
  return best.level;
}

__global__ void __launch_bounds__(kThreads)
    record_heads_backward_kernel(RecordHeadsBackward first, ReplicaGrid grid) {
  const RecordHeadsBackward op = at_replica(first, grid.mine());
  const RecordShape& shape = op.shape;
  const float* const scores = op.scores + blockIdx.x * shape.scores();
  const float* const dy = op.dy + blockIdx.x * shape.width();
  float* const dscores = op.dscores + blockIdx.x * shape.scores();
  wait_for_previous_kernel();
  for (std::int64_t level = threadIdx.x; level < shape.levels; level += kThreads) dscores[level] = dy[level];
  __syncthreads();
  if (warp_index() == 0) numbers_backward(shape, scores, dy, dscores);
  __syncthreads();
  for (std::int64_t h = warp_index(); h < shape.heads; h += kWarps) {
    const std::int64_t begin = shape.head_first[h], levels = shape.head_first[h + 1] - begin;
    const std::int64_t chosen = begin + head_backward(shape.choice, scores + begin, dscores + begin, levels);
    for (std::int64_t q = lane_index(); q < shape.numbers; q += 32) {
      const std::int64_t gate = shape.gate[q];
      if (gate >= begin && gate < begin + levels && gate != chosen) dscores[shape.levels + q] = 0.0f;
    }
  }
}

}  // namespace

void record_heads(QueueView queue, const RecordHeads& op) {
  if (op.rows > 0)
    launch(queue, {.blocks = op.rows, .threads = kThreads},
           op.shape.choice == HeadChoice::gumbel ? record_heads_kernel<HeadChoice::gumbel>
                                                 : record_heads_kernel<HeadChoice::straight_through>,
           op, ReplicaGrid(queue));
}

void record_heads_backward(QueueView queue, const RecordHeadsBackward& op) {
  if (op.rows > 0)
    launch(queue, {.blocks = op.rows, .threads = kThreads}, record_heads_backward_kernel, op,
           ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
