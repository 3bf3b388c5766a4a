// LeakyReLU and its derivative as passes of their own, after products of cuBLASLt, which has neither as an
// epilogue.
#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/linear/backends.hpp"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;

/// Memory-bound; four elements to a thread where the arrays allow 16-byte accesses, else one.
template <class Element>
__global__ void __launch_bounds__(kThreads)
    leaky_relu_kernel(float* first, std::int64_t n, float slope, ReplicaGrid grid) {
  float* const y = grid.mine().at(first);
  constexpr int kEach = sizeof(Element) / sizeof(float);
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  wait_for_previous_kernel();
  if (i * kEach >= n) return;
  Element element = reinterpret_cast<Element*>(y)[i];
  float* const value = reinterpret_cast<float*>(&element);
#pragma unroll
  for (int e = 0; e < kEach; ++e) value[e] = formula::leaky_relu(value[e], slope);
  reinterpret_cast<Element*>(y)[i] = element;
}

template <class Element>
__global__ void __launch_bounds__(kThreads)
    leaky_relu_backward_kernel(float* first_dx, const float* first_x, std::int64_t n, float slope,
                               ReplicaGrid grid) {
  float* const dx = grid.mine().at(first_dx);
  const float* const x = grid.mine().at(first_x);
  constexpr int kEach = sizeof(Element) / sizeof(float);
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  wait_for_previous_kernel();
  if (i * kEach >= n) return;
  Element gradient = reinterpret_cast<Element*>(dx)[i];
  const Element output = reinterpret_cast<const Element*>(x)[i];
  float* const value = reinterpret_cast<float*>(&gradient);
  const float* const sign = reinterpret_cast<const float*>(&output);
#pragma unroll
  for (int e = 0; e < kEach; ++e) value[e] *= formula::leaky_relu_derivative(sign[e], slope);
  reinterpret_cast<Element*>(dx)[i] = gradient;
}

Launch shape_for(std::int64_t n, int each) {
  return {.blocks = blocks_for(n, std::int64_t{each} * kThreads), .threads = kThreads};
}

}  // namespace

void leaky_relu(QueueView queue, float* y, std::int64_t n, float slope) {
  if (n % 4 == 0 && aligned(y)) {
    launch(queue, shape_for(n, 4), leaky_relu_kernel<float4>, y, n, slope, ReplicaGrid(queue));
  } else {
    launch(queue, shape_for(n, 1), leaky_relu_kernel<float>, y, n, slope, ReplicaGrid(queue));
  }
}

void leaky_relu_backward(QueueView queue, float* dx, const float* x, std::int64_t n, float slope) {
  if (n % 4 == 0 && aligned(dx) && aligned(x)) {
    launch(queue, shape_for(n, 4), leaky_relu_backward_kernel<float4>, dx, x, n, slope, ReplicaGrid(queue));
  } else {
    launch(queue, shape_for(n, 1), leaky_relu_backward_kernel<float>, dx, x, n, slope, ReplicaGrid(queue));
  }
}

}  // namespace agon::kernels::cuda
