// A warp takes a row: its logit (and its partner's, where the objective pairs rows), the logit's gradient,
// and the row's share of dx. The objective is a branch that the whole launch takes alike.
#include "kernels/logit_loss.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/reduce.cuh"
#include "kernels/formula/leaky_relu.hpp"
#include "kernels/formula/objective.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kWarps = kThreads / 32;

/// The row's dx, one or four elements at a time.
template <class Element>
__device__ __forceinline__ void gradient(const LogitLoss& op, std::int64_t row, float dlogit, int lane) {
  constexpr int kEach = sizeof(Element) / sizeof(float);
  const float* const x = op.x + row * op.in;
  float* const dx = op.dx + row * op.in;
  for (std::int64_t i = lane; i < op.in / kEach; i += 32) {
    const Element output = reinterpret_cast<const Element*>(x)[i];
    Element value = reinterpret_cast<const Element*>(op.weight)[i];
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      float& element = reinterpret_cast<float*>(&value)[e];
      element = dlogit * element *
                formula::leaky_relu_derivative(reinterpret_cast<const float*>(&output)[e], op.input_slope);
    }
    reinterpret_cast<Element*>(dx)[i] = value;
  }
}

template <class Element>
__device__ __forceinline__ float logit(const LogitLoss& op, std::int64_t row) {
  return warp_dot<Element>(op.x + row * op.in, op.weight, op.in) + op.bias[0];
}

/// Writes the logit of a row that has one. False where its segment is not judged: it has no gradient then.
template <class Element>
__device__ __forceinline__ bool judge(const LogitLoss& op, std::int64_t row, int lane, float& dlogit) {
  const float z = logit<Element>(op, row);
  const std::int64_t border = op.bare + op.split;
  const bool second = row >= border;
  const LossTerm term = second ? op.term[1] : op.term[0];
  if (lane == 0) (second ? op.logits[1] + (row - border) : op.logits[0] + (row - op.bare))[0] = z;
  if (term.shape == LossShape::none) return false;
  const float partner = term.paired ? logit<Element>(op, second ? row - op.split : row + op.split) : 0.0f;
  dlogit = (second ? op.scale[1] : op.scale[0]) * formula::objective_element(term, z, partner).slope;
  return true;
}

template <class Element>
__global__ void __launch_bounds__(kThreads) logit_loss_kernel(LogitLoss first, ReplicaGrid grid) {
  wait_for_previous_kernel();
  const LogitLoss op = at_replica(first, grid.mine());
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kWarps + threadIdx.x / 32;
  if (row >= op.rows) return;  // the whole warp
  float dlogit = 0.0f;
  if (row >= op.bare && !judge<Element>(op, row, lane, dlogit)) return;
  if (op.row_weight != nullptr) {
    const bool unit = row >= op.unit_first && row < op.unit_first + op.unit_rows;
    if (lane == 0) op.row_weight[row] = unit ? dlogit : 1.0f;
    if (unit) dlogit = 1.0f;
  }
  if (lane == 0) op.dlogits[row] = dlogit;
  if (op.dx != nullptr) gradient<Element>(op, row, dlogit, lane);
}

}  // namespace

void logit_loss(QueueView queue, const LogitLoss& op) {
  const Launch shape{.blocks = blocks_for(op.rows, kWarps), .threads = kThreads};
  const bool vector = op.in % 4 == 0 && aligned(op.x) && aligned(op.weight) && aligned(op.dx);
  launch(queue, shape, vector ? logit_loss_kernel<float4> : logit_loss_kernel<float>, op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
