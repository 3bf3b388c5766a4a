// Convolutions of image GANs on the processor, each alone: forward with LeakyReLU, the input's gradient, the
// parameters' gradients. OMP_NUM_THREADS sets the threads. "peak%" is the share of the FMA ceiling measured
// just before the case; what is done with fewer multiplications than the direct way may exceed it.
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

/// A layer of DCGAN (Radford et al. 2016) that halves squares of `side` pixels, or doubles to them.
ConvolutionShape dcgan(std::int64_t side, std::int64_t fine_channels, std::int64_t coarse_channels,
                       bool transposed) {
  return {.batch = 64,
          .fine = {side, side, fine_channels},
          .coarse_channels = coarse_channels,
          .kernel = 4,
          .stride = 2,
          .padding = 1,
          .transposed = transposed};
}

/// Adds the layers that R3GAN (Huang et al. 2024) has at squares of `side` pixels, with `channels` outside of
/// a block, expansion 2 and groups of 16, and the one that brings its discriminator's `before` channels
/// there.
void add_r3gan(std::int64_t side, std::int64_t before, std::int64_t channels, std::vector<Case>& all) {
  const std::string name = "r3." + std::to_string(side);
  const std::int64_t inner = 2 * channels;
  if (before != channels)
    all.push_back({name + ".in", {.batch = 64, .fine = {side, side, before}, .coarse_channels = channels}});
  all.push_back({name + ".expand", {.batch = 64, .fine = {side, side, channels}, .coarse_channels = inner}});
  all.push_back({name + ".grouped",
                 {.batch = 64,
                  .fine = {side, side, inner},
                  .coarse_channels = inner,
                  .kernel = 3,
                  .padding = 1,
                  .groups = inner / 16}});
  all.push_back({name + ".reduce", {.batch = 64, .fine = {side, side, inner}, .coarse_channels = channels}});
}

/// DCGAN's D's layers and G's at 32 x 32 grey with 64 channels, and what 28 and 64 pixels have beside them; a
/// 3 x 3 convolution; the recipe r3gan's at 28 and 64 pixels.
std::vector<Case> cases() {
  std::vector<Case> all = {
      {"d.1", dcgan(32, 1, 64, false)},
      {"d.2", dcgan(16, 64, 128, false)},
      {"d.3", dcgan(8, 128, 256, false)},
      {"g.2", dcgan(8, 128, 256, true)},
      {"g.3", dcgan(16, 64, 128, true)},
      {"g.4", dcgan(32, 1, 64, true)},
      {"28.d.1", dcgan(28, 1, 64, false)},
      {"28.d.2", dcgan(14, 64, 128, false)},
      {"28.g.2", dcgan(14, 64, 128, true)},
      {"28.g.3", dcgan(28, 1, 64, true)},
      {"64.d.1", dcgan(64, 1, 64, false)},
      {"64.d.2", dcgan(32, 64, 128, false)},
      {"64.d.3", dcgan(16, 128, 256, false)},
      {"64.d.4", dcgan(8, 256, 512, false)},
      {"64.g.2", dcgan(8, 256, 512, true)},
      {"64.g.3", dcgan(16, 128, 256, true)},
      {"64.g.4", dcgan(32, 64, 128, true)},
      {"64.g.5", dcgan(64, 1, 64, true)},
      {"3x3", {.batch = 64, .fine = {16, 16, 64}, .coarse_channels = 64, .kernel = 3, .padding = 1}},
  };
  add_r3gan(28, 1, 32, all);
  add_r3gan(14, 32, 64, all);
  add_r3gan(7, 64, 128, all);
  add_r3gan(64, 1, 32, all);
  add_r3gan(32, 32, 64, all);
  add_r3gan(16, 64, 128, all);
  add_r3gan(8, 128, 256, all);
  add_r3gan(4, 256, 256, all);
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
