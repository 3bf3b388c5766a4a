// Memory-bound; a thread takes four elements of a row where every row allows 16-byte accesses, else one.
#include "kernels/columns.hpp"

#include "kernels/cuda/device/launch.cuh"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;

template <class Element>
__global__ void __launch_bounds__(kThreads) columns_kernel(Columns first, ReplicaGrid grid) {
  const Columns op = at_replica(first, grid.mine());
  constexpr int kEach = sizeof(Element) / sizeof(float);
  const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const std::int64_t across = op.width / kEach;
  const std::int64_t row = index / across, column = index % across * kEach;
  wait_for_previous_kernel();
  if (row >= op.rows) return;
  Element element = *reinterpret_cast<const Element*>(op.from + row * op.from_width + op.first_from + column);
  const std::int64_t place = row * op.to_width + op.first_to + column;
  if (op.adds) {
    const Element there = *reinterpret_cast<const Element*>(op.plus.at(op.to) + place);
#pragma unroll
    for (int e = 0; e < kEach; ++e)
      reinterpret_cast<float*>(&element)[e] += reinterpret_cast<const float*>(&there)[e];
  }
  *reinterpret_cast<Element*>(op.to + place) = element;
}

}  // namespace

void columns(QueueView queue, const Columns& op) {
  if (op.rows * op.width == 0) return;
  const bool vector = op.width % 4 == 0 && op.from_width % 4 == 0 && op.to_width % 4 == 0 &&
                      aligned(op.from + op.first_from) && aligned(op.to + op.first_to) &&
                      (!op.adds || aligned(op.plus.at(op.to) + op.first_to));
  const Launch shape{.blocks = blocks_for(op.rows * op.width, (vector ? 4 : 1) * kThreads),
                     .threads = kThreads};
  launch(queue, shape, vector ? columns_kernel<float4> : columns_kernel<float>, op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
