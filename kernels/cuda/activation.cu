// Memory-bound; four elements to a thread where the arrays allow 16-byte accesses, else one. The kind is a
// branch that the whole launch takes alike.
#include "kernels/activation.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/formula/activation.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;

template <class Element>
__global__ void __launch_bounds__(kThreads) activation_kernel(Activation first, ReplicaGrid grid) {
  const Activation op = at_replica(first, grid.mine());
  constexpr int kEach = sizeof(Element) / sizeof(float);
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  wait_for_previous_kernel();
  if (i * kEach >= op.n) return;
  Element element = reinterpret_cast<const Element*>(op.y)[i];
  float* const value = reinterpret_cast<float*>(&element);
#pragma unroll
  for (int e = 0; e < kEach; ++e) value[e] = formula::activation(op.kind, op.slope, value[e]);
  reinterpret_cast<Element*>(op.y)[i] = element;
}

template <class Element>
__global__ void __launch_bounds__(kThreads)
    activation_backward_kernel(ActivationBackward first, ReplicaGrid grid) {
  const ActivationBackward op = at_replica(first, grid.mine());
  constexpr int kEach = sizeof(Element) / sizeof(float);
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  wait_for_previous_kernel();
  if (i * kEach >= op.n) return;
  Element gradient = reinterpret_cast<const Element*>(op.dy.at(op.gradient))[i];
  const Element output = reinterpret_cast<const Element*>(op.y)[i];
  float* const value = reinterpret_cast<float*>(&gradient);
  const float* const y = reinterpret_cast<const float*>(&output);
#pragma unroll
  for (int e = 0; e < kEach; ++e) value[e] *= formula::activation_derivative(op.kind, op.slope, y[e]);
  reinterpret_cast<Element*>(op.gradient)[i] = gradient;
}

Launch shape_for(std::int64_t n, int each) {
  return {.blocks = blocks_for(n, std::int64_t{each} * kThreads), .threads = kThreads};
}

}  // namespace

void activation(QueueView queue, const Activation& op) {
  const bool vector = op.n % 4 == 0 && aligned(op.y);
  launch(queue, shape_for(op.n, vector ? 4 : 1),
         vector ? activation_kernel<float4> : activation_kernel<float>, op, ReplicaGrid(queue));
}

void activation_backward(QueueView queue, const ActivationBackward& op) {
  const bool vector =
      op.n % 4 == 0 && aligned(op.y) && aligned(op.dy.at(op.gradient)) && aligned(op.gradient);
  launch(queue, shape_for(op.n, vector ? 4 : 1),
         vector ? activation_backward_kernel<float4> : activation_backward_kernel<float>, op,
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
