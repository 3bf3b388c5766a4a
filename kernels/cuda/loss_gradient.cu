// A thread takes a logit, a row, or one or four elements of a row.
#include "kernels/loss_gradient.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/formula/objective.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;

__device__ __forceinline__ std::int64_t thread_index() {
  return static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
}

/// The bare rows, then the logits of either segment.
__global__ void __launch_bounds__(kThreads) loss_gradient_kernel(LossGradient first, ReplicaGrid grid) {
  const LossGradient op = at_replica(first, grid.mine());
  const std::int64_t row = thread_index(), border = op.bare + op.count[0];
  wait_for_previous_kernel();
  if (row >= border + op.count[1]) return;
  if (row < op.bare) {
    op.dlogits[row] = 0.0f;
    return;
  }
  const bool second = row >= border;
  const std::int64_t i = second ? row - border : row - op.bare;
  const float z = (second ? op.logits[1] : op.logits[0])[i];
  float* const kept = second ? op.kept[1] : op.kept[0];
  if (kept != nullptr) kept[i] = z;
  if (row >= op.judged()) return;
  const LossTerm term = second ? op.term[1] : op.term[0];
  const float partner = term.paired ? (second ? op.logits[0] : op.logits[1])[i] : 0.0f;
  op.dlogits[row] = (second ? op.scale[1] : op.scale[0]) * formula::objective_element(term, z, partner).slope;
}

__global__ void __launch_bounds__(kThreads) unit_rows_kernel(UnitRows first, ReplicaGrid grid) {
  const UnitRows op = at_replica(first, grid.mine());
  const std::int64_t row = thread_index();
  wait_for_previous_kernel();
  if (row >= op.rows) return;
  const bool unit = row >= op.first && row < op.first + op.count;
  op.row_weight[row] = unit ? op.dlogits[row] : 1.0f;
  if (unit) op.dlogits[row] = 1.0f;
}

template <class Element>
__global__ void __launch_bounds__(kThreads) weighted_rows_kernel(WeightedRows first, ReplicaGrid grid) {
  const WeightedRows op = at_replica(first, grid.mine());
  constexpr int kEach = sizeof(Element) / sizeof(float);
  const std::int64_t i = thread_index();
  wait_for_previous_kernel();
  if (i * kEach >= op.rows * op.width) return;
  const float weight = op.row_weight[i * kEach / op.width];
  Element element = reinterpret_cast<Element*>(op.x)[i];
  const Element added = reinterpret_cast<const Element*>(op.y)[i];
  float* const x = reinterpret_cast<float*>(&element);
  const float* const y = reinterpret_cast<const float*>(&added);
#pragma unroll
  for (int e = 0; e < kEach; ++e) x[e] = formula::fused(weight, x[e], y[e]);
  reinterpret_cast<Element*>(op.x)[i] = element;
}

}  // namespace

void loss_gradient(QueueView queue, const LossGradient& op) {
  const std::int64_t rows = op.bare + op.count[0] + op.count[1];
  launch(queue, {.blocks = blocks_for(rows, kThreads), .threads = kThreads}, loss_gradient_kernel, op,
         ReplicaGrid(queue));
}

void unit_rows(QueueView queue, const UnitRows& op) {
  launch(queue, {.blocks = blocks_for(op.rows, kThreads), .threads = kThreads}, unit_rows_kernel, op,
         ReplicaGrid(queue));
}

void weighted_rows(QueueView queue, const WeightedRows& op) {
  const bool vector = op.width % 4 == 0 && aligned(op.x) && aligned(op.y);
  const Launch shape{.blocks = blocks_for(op.rows * op.width, (vector ? 4 : 1) * kThreads),
                     .threads = kThreads};
  launch(queue, shape, vector ? weighted_rows_kernel<float4> : weighted_rows_kernel<float>, op,
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
