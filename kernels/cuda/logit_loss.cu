// A warp takes a row: its logit (and its partner's, where the objective pairs rows), the logit's gradient,
// and the row's share of dx. The objective is a branch that the whole launch takes alike.
#include "kernels/logit_loss.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/reduce.cuh"
#include "kernels/cuda/device/stage.cuh"
#include "kernels/formula/leaky_relu.hpp"
#include "kernels/formula/objective.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kWarps = kThreads / 32;

/// A warp's row.
struct Row {
  int number;
  int in;  // its columns
  const float* x;
  float* dx;
};

/// Its dx, one or four elements at a time.
template <class Element>
__device__ __forceinline__ void gradient(const LogitLoss& op, const Row& row, float dlogit, int lane) {
  constexpr int kEach = sizeof(Element) / sizeof(float);
  for (int i = lane; i < row.in / kEach; i += 32) {
    const Element output = reinterpret_cast<const Element*>(row.x)[i];
    Element value = reinterpret_cast<const Element*>(op.weight)[i];
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      float& slope = reinterpret_cast<float*>(&value)[e];
      slope = dlogit * slope *
              formula::leaky_relu_derivative(reinterpret_cast<const float*>(&output)[e], op.input_slope);
    }
    reinterpret_cast<Element*>(row.dx)[i] = value;
  }
}

/// Of the row `ahead` of this one.
template <class Element>
__device__ __forceinline__ float logit(const LogitLoss& op, const Row& row, int ahead) {
  return warp_dot<Element>(row.x + element(ahead, row.in, 0), op.weight, row.in) + op.bias[0];
}

/// Writes the logit of a row that has one. False where its segment is not judged: it has no gradient then.
template <class Element>
__device__ __forceinline__ bool judge(const LogitLoss& op, const Row& row, int lane, float& dlogit) {
  const float z = logit<Element>(op, row, 0);
  const int bare = static_cast<int>(op.bare), split = static_cast<int>(op.split), border = bare + split;
  const bool second = row.number >= border;
  const LossTerm term = second ? op.term[1] : op.term[0];
  if (lane == 0) (second ? op.logits[1] + (row.number - border) : op.logits[0] + (row.number - bare))[0] = z;
  if (term.shape == LossShape::none) return false;
  const float partner = term.paired ? logit<Element>(op, row, second ? -split : split) : 0.0f;
  dlogit = (second ? op.scale[1] : op.scale[0]) * formula::objective_element(term, z, partner).slope;
  return true;
}

template <class Element>
__global__ void __launch_bounds__(kThreads) logit_loss_kernel(LogitLoss first, ReplicaGrid grid) {
  const LogitLoss op = at_replica(first, grid.mine());
  const int lane = static_cast<int>(threadIdx.x % 32), in = static_cast<int>(op.in);
  const int number = static_cast<int>(blockIdx.x * kWarps + threadIdx.x / 32);
  const Row row{number, in, op.x + element(number, in, 0), op.dx + element(number, in, 0)};
  wait_for_previous_kernel();
  if (number >= op.rows) return;  // the whole warp
  float dlogit = 0.0f;
  if (number >= op.bare && !judge<Element>(op, row, lane, dlogit)) return;
  if (op.row_weight != nullptr) {
    const bool unit = number >= op.unit_first && number < op.unit_first + op.unit_rows;
    if (lane == 0) op.row_weight[number] = unit ? dlogit : 1.0f;
    if (unit) dlogit = 1.0f;
  }
  if (lane == 0) op.dlogits[number] = dlogit;
  if (op.dx != nullptr) gradient<Element>(op, row, dlogit, lane);
}

}  // namespace

void logit_loss(QueueView queue, const LogitLoss& op) {
  const Launch shape{.blocks = blocks_for(narrow(op.rows), kWarps), .threads = kThreads};
  const bool vector = narrow(op.in) % 4 == 0 && aligned(op.x) && aligned(op.weight) && aligned(op.dx);
  launch(queue, shape, vector ? logit_loss_kernel<float4> : logit_loss_kernel<float>, op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
