// Memory-bound; a thread makes four channels of a pixel where 16-byte accesses are possible, else one. What
// neighbours read, too, comes from the caches.
#include "kernels/cuda/convolution/digits.hpp"
#include "kernels/cuda/device/launch.cuh"
#include "kernels/formula/resample.hpp"
#include "kernels/resample.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;

/// Sizes in 32 bits. A thread's number stands for (image, row, column, channels) of the output.
struct ResampleGrid {
  int height = 1, width = 1;  ///< of the input
  int threads = 0;            ///< of all blocks, those that make something
  int across = 1;             ///< threads of a pixel
  Radix pixels{};             ///< of the output
};

template <class Element, class Axis>
__global__ void __launch_bounds__(kThreads)
    resample_kernel(Resample first, ResampleGrid sizes, ReplicaGrid grid) {
  constexpr int kEach = sizeof(Element) / sizeof(float), kTaps = static_cast<int>(Axis::kTaps);
  const Resample op = at_replica(first, grid.mine());
  const int index = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  const Digits pixel = sizes.pixels.of(index / sizes.across);
  const int row = Axis::first(pixel.b), column = Axis::first(pixel.c);
  const std::int64_t pitch = std::int64_t{sizes.across} * kEach;
  const float* const x = op.x +
                         ((std::int64_t{pixel.a} * sizes.height + row) * sizes.width + column) * pitch +
                         index % sizes.across * kEach;
  float row_weight[kTaps], column_weight[kTaps];
#pragma unroll
  for (int t = 0; t < kTaps; ++t) {
    row_weight[t] = formula::rounded_product(op.scale, Axis::weight(pixel.b, t));
    column_weight[t] = Axis::weight(pixel.c, t);
  }
  wait_for_previous_kernel();
  if (index >= sizes.threads) return;
  float sums[kEach][kTaps];
#pragma unroll
  for (int v = 0; v < kTaps; ++v) {
    float value[kEach][kTaps];
#pragma unroll
    for (int u = 0; u < kTaps; ++u) {
      Element element{};
      if (row + u >= 0 && row + u < sizes.height && column + v >= 0 && column + v < sizes.width)
        element = *reinterpret_cast<const Element*>(x + (std::int64_t{u} * sizes.width + v) * pitch);
#pragma unroll
      for (int e = 0; e < kEach; ++e) value[e][u] = reinterpret_cast<const float*>(&element)[e];
    }
#pragma unroll
    for (int e = 0; e < kEach; ++e) sums[e][v] = formula::weighted_sum(row_weight, value[e]);
  }
  Element result;
#pragma unroll
  for (int e = 0; e < kEach; ++e)
    reinterpret_cast<float*>(&result)[e] = formula::weighted_sum(column_weight, sums[e]);
  *reinterpret_cast<Element*>(op.y + std::int64_t{index} * kEach) = result;
}

template <class Axis>
void resample_along(QueueView queue, const Resample& op) {
  const ImageShape in = op.in(), out = op.out();
  if (op.batch * out.size() == 0) return;
  const bool vector = out.channels % 4 == 0 && aligned(op.x) && aligned(op.y);
  const int each = vector ? 4 : 1;
  const ResampleGrid sizes{.height = narrow(in.height),
                           .width = narrow(in.width),
                           .threads = narrow(op.batch * out.size() / each),
                           .across = narrow(out.channels / each),
                           .pixels = {narrow(out.height), narrow(out.width)}};
  launch(queue, {.blocks = blocks_for(sizes.threads, kThreads), .threads = kThreads},
         vector ? resample_kernel<float4, Axis> : resample_kernel<float, Axis>, op, sizes,
         ReplicaGrid(queue));
}

}  // namespace

void resample(QueueView queue, const Resample& op) {
  using enum ResampleFilter;
  if (op.filter == box)
    return op.up ? resample_along<formula::ResampleAxis<box, true>>(queue, op)
                 : resample_along<formula::ResampleAxis<box, false>>(queue, op);
  return op.up ? resample_along<formula::ResampleAxis<linear, true>>(queue, op)
               : resample_along<formula::ResampleAxis<linear, false>>(queue, op);
}

}  // namespace agon::kernels::cuda
