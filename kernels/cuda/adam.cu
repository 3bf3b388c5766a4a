// Adam, four parameters to a thread. Memory-bound: 28 bytes a parameter, 36 with an average.
#include "kernels/adam.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/formula/adam.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;

/// Threads below n / 4 take 16 bytes of each array; the next n % 4 take one of the last elements each.
__global__ void __launch_bounds__(kThreads) adam_kernel(Adam first, ReplicaGrid grid) {
  const Adam op = at_replica(first, grid.mine());
  const std::int64_t thread = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const std::int64_t quads = op.n / 4;
  wait_for_previous_kernel();
  const formula::AdamCoefficients c = formula::adam_coefficients(*op.state);
  if (thread < quads) {
    const float4 g = reinterpret_cast<const float4*>(op.gradient)[thread];
    float4 p = reinterpret_cast<float4*>(op.parameter)[thread];
    float4 m = reinterpret_cast<float4*>(op.moment1)[thread];
    float4 v = reinterpret_cast<float4*>(op.moment2)[thread];
    formula::adam_element(c, g.x, p.x, m.x, v.x);
    formula::adam_element(c, g.y, p.y, m.y, v.y);
    formula::adam_element(c, g.z, p.z, m.z, v.z);
    formula::adam_element(c, g.w, p.w, m.w, v.w);
    reinterpret_cast<float4*>(op.parameter)[thread] = p;
    reinterpret_cast<float4*>(op.moment1)[thread] = m;
    reinterpret_cast<float4*>(op.moment2)[thread] = v;
    if (op.average != nullptr) {
      float4 average = reinterpret_cast<float4*>(op.average)[thread];
      formula::average_element(c, p.x, average.x);
      formula::average_element(c, p.y, average.y);
      formula::average_element(c, p.z, average.z);
      formula::average_element(c, p.w, average.w);
      reinterpret_cast<float4*>(op.average)[thread] = average;
    }
  } else if (const std::int64_t i = 3 * quads + thread; i < op.n) {  // = 4 quads + (thread - quads)
    formula::adam_element(c, op.gradient[i], op.parameter[i], op.moment1[i], op.moment2[i]);
    if (op.average != nullptr) formula::average_element(c, op.parameter[i], op.average[i]);
  }
}

}  // namespace

void adam(QueueView queue, const Adam& op) {
  if (op.n == 0) return;
  launch(queue, {.blocks = blocks_for(op.n / 4 + op.n % 4, kThreads), .threads = kThreads}, adam_kernel, op,
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
