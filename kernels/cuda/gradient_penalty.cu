// A warp takes a row: its gradient's norm, then what the penalty makes of the row.
#include "kernels/gradient_penalty.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/reduce.cuh"
#include "kernels/formula/gradient_penalty.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kWarps = kThreads / 32;

/// The row's gradient and point, one or four elements at a time.
template <class Element>
__device__ __forceinline__ void update(float* gradient, float* x, int width, float factor, float weight,
                                       int lane) {
  constexpr int kEach = sizeof(Element) / sizeof(float);
  for (int i = lane; i < width / kEach; i += 32) {
    Element v = reinterpret_cast<Element*>(gradient)[i];
    Element point = reinterpret_cast<Element*>(x)[i];
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      float& slope = reinterpret_cast<float*>(&v)[e];
      float& at = reinterpret_cast<float*>(&point)[e];
      slope *= factor;
      at = formula::fused(weight, at, slope);
    }
    reinterpret_cast<Element*>(gradient)[i] = v;
    reinterpret_cast<Element*>(x)[i] = point;
  }
}

template <class Element>
__global__ void __launch_bounds__(kThreads) gradient_penalty_kernel(GradientPenalty first, ReplicaGrid grid) {
  const GradientPenalty op = at_replica(first, grid.mine());
  const int lane = static_cast<int>(threadIdx.x % 32);
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kWarps + threadIdx.x / 32;
  const std::int64_t segment = row / op.segment;
  const int width = static_cast<int>(op.width);
  wait_for_previous_kernel();
  if (row >= op.rows) return;  // the whole warp
  const PenaltyTerm term = segment == 0 ? op.term[0] : segment == 1 ? op.term[1] : op.term[2];
  float* const penalty = segment == 0 ? op.penalty[0] : segment == 1 ? op.penalty[1] : op.penalty[2];
  float* const gradient = op.gradient + row * op.width;
  const auto element = formula::penalty_element(formula::with_share(term, op.share),
                                                warp_dot<Element>(gradient, gradient, width));
  if (lane == 0) penalty[row - segment * op.segment] = element.penalty;
  update<Element>(gradient, op.x + row * op.width, width, op.scale * element.factor, op.row_weight[row],
                  lane);
}

}  // namespace

void gradient_penalty(QueueView queue, const GradientPenalty& op) {
  const Launch shape{.blocks = blocks_for(op.rows, kWarps), .threads = kThreads};
  const bool vector = narrow(op.width) % 4 == 0 && aligned(op.gradient) && aligned(op.x);
  launch(queue, shape, vector ? gradient_penalty_kernel<float4> : gradient_penalty_kernel<float>, op,
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
