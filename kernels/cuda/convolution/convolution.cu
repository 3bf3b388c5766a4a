// A convolution's operations: passes between its two images and the weights' gradient, by our kernels or by
// cuDNN, and, here, the biases': sums of dz's channels over pixels and images, each image times its weight.
// Pieces of the pixels are summed by blocks, and then, in order, by one more launch.
#include "kernels/convolution.hpp"

#include <cstdint>

#include "kernels/cuda/convolution/backends.hpp"
#include "kernels/cuda/convolution/digits.hpp"
#include "kernels/cuda/convolution/estimate.hpp"
#include "kernels/cuda/convolution/pass.cuh"
#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/properties.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = kBiasThreads;

/// A block's threads are (rows, lanes): a lane for each of a few neighbouring channels, so many rows of
/// pixels at once. Block b sums piece b / channel_tiles of channels tile b % channel_tiles.
struct BiasGrid {
  int images = 1, pixels = 1, channels = 1;  ///< pixels of an image
  int lanes = 32;
  int channel_tiles = 1;
  int piece = 0;  ///< pixels
  int pieces = 1;
};

/// The sum of `mine` over the block's rows; of row 0 the result.
__device__ __forceinline__ float sum_rows(float* shared, int lanes, float mine) {
  const int thread = static_cast<int>(threadIdx.x);
  shared[thread] = mine;
  __syncthreads();
  for (int half = kThreads / 2; half >= lanes; half /= 2) {
    if (thread < half) shared[thread] += shared[thread + half];
    __syncthreads();
  }
  return shared[thread];
}

__device__ __forceinline__ void put_sum(const ConvolutionBackward& op, int channel, float sum) {
  op.dbias[channel] = op.accumulate ? op.dbias[channel] + sum : sum;
}

__global__ void __launch_bounds__(kThreads)
    bias_kernel(ConvolutionBackward first, BiasGrid bias, float* first_partial, ReplicaGrid grid) {
  AGON_SHARED(float, shared, [kThreads]);
  const ConvolutionBackward op = at_replica(first, grid.mine());
  float* const partial = grid.workspace(first_partial);
  const int channels = bias.channels, all = bias.images * bias.pixels;
  const int piece = static_cast<int>(blockIdx.x) / bias.channel_tiles;
  const int lane = static_cast<int>(threadIdx.x) % bias.lanes, rows = kThreads / bias.lanes;
  const int channel = static_cast<int>(blockIdx.x) % bias.channel_tiles * bias.lanes + lane;
  const int begin = piece * bias.piece + static_cast<int>(threadIdx.x) / bias.lanes;
  const int end = all - piece * bias.piece < bias.piece ? all : (piece + 1) * bias.piece;
  const Radix images{1, bias.pixels};
  const Digits step = images.of(rows);
  Digits at = images.of(begin);
  const float* from = op.dz + element(begin, channels, channel);
  wait_for_previous_kernel();
  float sum = 0.0f;
  if (channel < channels) {
    for (int pixel = begin; pixel < end; pixel += rows) {
      sum = fmaf(op.row_weight == nullptr ? 1.0f : op.row_weight[at.a], *from, sum);
      from += element(rows, channels, 0);
      at = images.sum(at, step);
    }
  }
  sum = sum_rows(shared, bias.lanes, sum);
  if (static_cast<int>(threadIdx.x) >= bias.lanes || channel >= channels) return;
  if (bias.pieces == 1) {
    put_sum(op, channel, sum);
  } else {
    partial[piece * channels + channel] = sum;
  }
}

/// Adds up the partial sums, (pieces, channels), in order.
__global__ void __launch_bounds__(kThreads) add_biases_kernel(ConvolutionBackward first, BiasGrid bias,
                                                              const float* first_partial, ReplicaGrid grid) {
  const ConvolutionBackward op = at_replica(first, grid.mine());
  const float* const partial = grid.workspace(first_partial);
  const int channel = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  wait_for_previous_kernel();
  if (channel >= bias.channels) return;
  float sum = partial[channel];
  for (int piece = 1; piece < bias.pieces; ++piece) sum += partial[piece * bias.channels + channel];
  put_sum(op, channel, sum);
}

BiasGrid bias_grid(const ConvolutionShape& s) {
  const ImageShape out = s.out();
  narrow(s.batch * out.pixels());
  const BiasPieces bias = bias_pieces(s, multiprocessors());
  return {.images = narrow(s.batch),
          .pixels = narrow(out.pixels()),
          .channels = narrow(out.channels),
          .lanes = narrow(bias.lanes),
          .channel_tiles = narrow(bias.channel_tiles),
          .piece = narrow(bias.piece),
          .pieces = narrow(bias.pieces)};
}

void bias_gradient(QueueView queue, const ConvolutionBackward& op) {
  const BiasGrid bias = bias_grid(op.shape);
  auto* const partial = reinterpret_cast<float*>(queue.workspace);
  launch(queue, {.blocks = std::int64_t{bias.pieces} * bias.channel_tiles, .threads = kThreads}, bias_kernel,
         op, bias, partial, ReplicaGrid(queue));
  if (bias.pieces == 1) return;
  launch(queue, {.blocks = blocks_for(bias.channels, kThreads), .threads = kThreads}, add_biases_kernel, op,
         bias, static_cast<const float*>(partial), ReplicaGrid(queue));
}

void run_pass(QueueView queue, const ConvolutionPass& pass, bool up) {
  up ? convolution_up(queue, pass) : convolution_down(queue, pass);
}

template <class Operation>
bool by_library(QueueView queue, const Operation& op) {
  return op.choice.by == LayerBackend::library && library_can_convolve(queue, op);
}

void input_gradient(QueueView queue, const ConvolutionBackward& op) {
  if (by_library(queue, op) && convolution_input_library(queue, op)) return;
  run_pass(queue,
           {.shape = op.shape,
            .from = op.dz,
            .weight = op.weight,
            .to = op.dx,
            .activation = op.input_slope == 1.0f ? nullptr : op.x,
            .slope = op.input_slope,
            .precision = op.precision,
            .choice = op.choice},
           !op.shape.transposed);
}

void weight_gradient(QueueView queue, const ConvolutionBackward& op) {
  if (by_library(queue, op) && !op.accumulate && convolution_weight_library(queue, op)) return;
  convolution_weight_gradient(queue, op);
}

}  // namespace

void convolution_forward(QueueView queue, const ConvolutionForward& op) {
  if (by_library(queue, op) && convolution_forward_library(queue, op)) return;
  run_pass(queue,
           {.shape = op.shape,
            .from = op.x,
            .weight = op.weight,
            .to = op.y,
            .bias = op.bias,
            .slope = op.slope,
            .precision = op.precision,
            .choice = op.choice},
           op.shape.transposed);
}

void convolution_tangent(QueueView queue, const ConvolutionTangent& op) {
  if (by_library(queue, op) && convolution_tangent_library(queue, op)) return;
  const bool active = op.activation != nullptr;
  run_pass(queue,
           {.shape = op.shape,
            .from = op.x,
            .weight = op.weight,
            .to = op.y,
            .activation = op.activation,
            .updated = op.row_weight == nullptr ? nullptr : op.activation,
            .row_weight = op.row_weight,
            .slope = active ? op.slope : 1.0f,
            .precision = op.precision,
            .choice = op.choice},
           op.shape.transposed);
}

void convolution_backward(QueueView queue, const ConvolutionBackward& op) {
  if (op.dx != nullptr) input_gradient(queue, op);
  if (op.dweight != nullptr) weight_gradient(queue, op);
  if (op.dbias != nullptr) bias_gradient(queue, op);
}

}  // namespace agon::kernels::cuda
