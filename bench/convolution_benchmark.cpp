// Convolutions of image GANs on the processor, each alone: forward with LeakyReLU, the input's gradient, the
// parameters' gradients. OMP_NUM_THREADS sets the threads. "peak%" is the share of the FMA ceiling measured
// just before the case.
#include <string>
#include <vector>

#include "bench/kernel_benchmark.hpp"
#include "kernels/convolution.hpp"

namespace {

using agon::Buffer;
using agon::bench::numbers;
using agon::bench::queue;
using agon::bench::report;
using agon::kernels::ConvolutionShape;

struct Layer {
  ConvolutionShape shape;
  Buffer<float> x, weight, bias, y, dx, dweight, dbias;

  explicit Layer(const ConvolutionShape& s)
      : shape(s),
        x(numbers(s.in_size(), 1.0f)),
        weight(numbers(s.weights(), 0.05f)),
        bias(numbers(s.out().channels, 0.05f)),
        y(numbers(s.out_size(), 1.0f)),
        dx(numbers(s.in_size(), 1.0f)),
        dweight(numbers(s.weights(), 1.0f)),
        dbias(numbers(s.out().channels, 1.0f)) {}
};

double flops(const ConvolutionShape& s) {
  return 2.0 * static_cast<double>(s.coarse_pixels() * s.patch() * s.coarse_channels);
}

void forward(benchmark::State& state, ConvolutionShape shape) {
  Layer l(shape);
  const double peak = agon::kernels::fma_peak(queue(), 0.02);
  for (auto _ : state)
    agon::kernels::convolution_forward(queue(), {.shape = shape,
                                                 .x = l.x.data(),
                                                 .weight = l.weight.data(),
                                                 .bias = l.bias.data(),
                                                 .y = l.y.data(),
                                                 .slope = 0.2f});
  report(state, flops(shape), peak);
}

void backward(benchmark::State& state, ConvolutionShape shape, bool input) {
  Layer l(shape);
  agon::kernels::ConvolutionBackward op{
      .shape = shape, .x = l.x.data(), .weight = l.weight.data(), .dz = l.y.data(), .input_slope = 0.2f};
  if (input) op.dx = l.dx.data();
  if (!input) op.dweight = l.dweight.data(), op.dbias = l.dbias.data();
  const double peak = agon::kernels::fma_peak(queue(), 0.02);
  for (auto _ : state) agon::kernels::convolution_backward(queue(), op);
  report(state, flops(shape), peak);
}

struct Case {
  std::string name;
  ConvolutionShape shape;
};

/// DCGAN at 32 x 32 grey with 64 channels (Radford et al. 2016), D's layers and G's; the convolutions of an
/// R3GAN block at 16 x 16 with 128 channels, expansion 2, 16 groups (Huang et al. 2024).
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"d.1",
       {.batch = 64, .fine = {32, 32, 1}, .coarse_channels = 64, .kernel = 4, .stride = 2, .padding = 1}},
      {"d.2",
       {.batch = 64, .fine = {16, 16, 64}, .coarse_channels = 128, .kernel = 4, .stride = 2, .padding = 1}},
      {"d.3",
       {.batch = 64, .fine = {8, 8, 128}, .coarse_channels = 256, .kernel = 4, .stride = 2, .padding = 1}},
      {"g.2",
       {.batch = 64,
        .fine = {8, 8, 128},
        .coarse_channels = 256,
        .kernel = 4,
        .stride = 2,
        .padding = 1,
        .transposed = true}},
      {"g.3",
       {.batch = 64,
        .fine = {16, 16, 64},
        .coarse_channels = 128,
        .kernel = 4,
        .stride = 2,
        .padding = 1,
        .transposed = true}},
      {"g.4",
       {.batch = 64,
        .fine = {32, 32, 1},
        .coarse_channels = 64,
        .kernel = 4,
        .stride = 2,
        .padding = 1,
        .transposed = true}},
      {"3x3", {.batch = 64, .fine = {16, 16, 64}, .coarse_channels = 64, .kernel = 3, .padding = 1}},
      {"r3.expand", {.batch = 64, .fine = {16, 16, 128}, .coarse_channels = 256}},
      {"r3.grouped",
       {.batch = 64, .fine = {16, 16, 256}, .coarse_channels = 256, .kernel = 3, .padding = 1, .groups = 16}},
  };
  return all;
}

void register_all() {
  for (const auto& [name, shape] : cases()) {
    benchmark::RegisterBenchmark((name + "/forward").c_str(), forward, shape)->UseRealTime();
    benchmark::RegisterBenchmark((name + "/input").c_str(), backward, shape, true)->UseRealTime();
    benchmark::RegisterBenchmark((name + "/parameters").c_str(), backward, shape, false)->UseRealTime();
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  register_all();
  benchmark::RunSpecifiedBenchmarks();
}
