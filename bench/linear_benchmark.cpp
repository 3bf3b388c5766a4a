// The linear layer on the processor: every layer of the article's step alone, and the step's layers in their
// order. OMP_NUM_THREADS sets the threads. "peak%" is the share of the FMA ceiling measured just before the
// case.
#include <string>
#include <utility>
#include <vector>

#include "bench/kernel_benchmark.hpp"
#include "kernels/linear.hpp"

namespace {

using agon::Buffer;
using agon::bench::numbers;
using agon::bench::queue;
using agon::bench::report;
using agon::kernels::LayerBackend;
using agon::kernels::LinearBackward;
using agon::kernels::LinearForward;
using agon::kernels::LinearShape;

double flops(const LinearShape& s) { return 2.0 * static_cast<double>(s.batch * s.in * s.out); }

struct Layer {
  LinearShape shape;
  Buffer<float> x, weight, bias, y, dx, dweight, dbias;

  explicit Layer(const LinearShape& s)
      : shape(s),
        x(numbers(s.batch * s.in, 1.0f)),
        weight(numbers(s.out * s.in, 0.05f)),
        bias(numbers(s.out, 0.05f)),
        y(numbers(s.batch * s.out, 1.0f)),
        dx(numbers(s.batch * s.in, 1.0f)),
        dweight(numbers(s.out * s.in, 1.0f)),
        dbias(numbers(s.out, 1.0f)) {}
};

void forward(benchmark::State& state, LinearShape shape, LayerBackend backend) {
  Layer l(shape);
  const LinearForward op{.shape = shape,
                         .x = l.x.data(),
                         .weight = l.weight.data(),
                         .bias = l.bias.data(),
                         .y = l.y.data(),
                         .slope = 0.2f,
                         .choice = {backend}};
  const double peak = agon::kernels::fma_peak(queue(), 0.02);
  for (auto _ : state) agon::kernels::linear_forward(queue(), op);
  report(state, flops(shape), peak);
}

void backward(benchmark::State& state, LinearShape shape, LayerBackend backend) {
  Layer l(shape);
  const LinearBackward op{.shape = shape,
                          .x = l.x.data(),
                          .weight = l.weight.data(),
                          .dz = l.y.data(),
                          .dx = l.dx.data(),
                          .dweight = l.dweight.data(),
                          .dbias = l.dbias.data(),
                          .input_slope = 0.2f,
                          .choice = {backend}};
  const double peak = agon::kernels::fma_peak(queue(), 0.02);
  for (auto _ : state) agon::kernels::linear_backward(queue(), op);
  report(state, 2 * flops(shape), peak);
}

/// A network's parameters, gradients and activations, driven as the engine drives them.
class Network {
 public:
  Network(std::vector<std::int64_t> widths, std::int64_t rows) : widths_(std::move(widths)) {
    for (const std::int64_t width : widths_) {
      activation_.push_back(numbers(rows * width, 1.0f));
      gradient_.push_back(numbers(rows * width, 1.0f));
    }
    for (std::size_t i = 0; i + 1 < widths_.size(); ++i) {
      weight_.push_back(numbers(widths_[i] * widths_[i + 1], 0.05f));
      dweight_.push_back(numbers(widths_[i] * widths_[i + 1], 0.05f));
      bias_.push_back(numbers(widths_[i + 1], 0.05f));
      dbias_.push_back(numbers(widths_[i + 1], 0.05f));
    }
  }

  /// Returns the arithmetic done.
  double forward(std::int64_t rows, LayerBackend backend) {
    double done = 0;
    for (std::size_t i = 0; i < weight_.size(); ++i) {
      const LinearShape shape{rows, widths_[i], widths_[i + 1]};
      agon::kernels::linear_forward(queue(), {.shape = shape,
                                              .x = activation_[i].data(),
                                              .weight = weight_[i].data(),
                                              .bias = bias_[i].data(),
                                              .y = activation_[i + 1].data(),
                                              .slope = i + 1 < weight_.size() ? 0.2f : 1.0f,
                                              .choice = {backend}});
      done += flops(shape);
    }
    return done;
  }

  double backward(std::int64_t rows, bool into_input, bool parameters, LayerBackend backend) {
    double done = 0;
    for (std::size_t i = weight_.size(); i-- > 0;) {
      const bool dx = i > 0 || into_input;
      const LinearShape shape{rows, widths_[i], widths_[i + 1]};
      agon::kernels::linear_backward(queue(), {.shape = shape,
                                               .x = activation_[i].data(),
                                               .weight = weight_[i].data(),
                                               .dz = gradient_[i + 1].data(),
                                               .dx = dx ? gradient_[i].data() : nullptr,
                                               .dweight = parameters ? dweight_[i].data() : nullptr,
                                               .dbias = parameters ? dbias_[i].data() : nullptr,
                                               .input_slope = i > 0 ? 0.2f : 1.0f,
                                               .choice = {backend}});
      done += flops(shape) * (dx + parameters);
    }
    return done;
  }

 private:
  std::vector<std::int64_t> widths_;
  std::vector<Buffer<float>> activation_, gradient_, weight_, dweight_, bias_, dbias_;
};

/// Every linear layer of one training step, in order; no loss, no Adam, no noise.
void step(benchmark::State& state, std::int64_t batch, LayerBackend backend) {
  Network generator({100, 128, 256, 512, 10}, 2 * batch), discriminator({10, 512, 256, 1}, 2 * batch);
  const double peak = agon::kernels::fma_peak(queue(), 0.05);
  double done = 0;
  for (auto _ : state) {
    done = generator.forward(2 * batch, backend);
    done += discriminator.forward(2 * batch, backend);
    done += discriminator.backward(2 * batch, false, true, backend);
    done += discriminator.forward(batch, backend);
    done += discriminator.backward(batch, true, false, backend);
    done += generator.backward(batch, false, true, backend);
  }
  report(state, done, peak);
}

template <class... Arguments>
void add(const std::string& name, void (*body)(benchmark::State&, Arguments...), Arguments... arguments) {
  benchmark::RegisterBenchmark(name.c_str(), body, arguments...)
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

void add_all() {
  const std::vector<std::pair<std::int64_t, std::int64_t>> layers = {
      {100, 128}, {128, 256}, {256, 512}, {512, 10}, {10, 512}, {512, 256}, {256, 1}};
  const std::vector<std::pair<std::string, LayerBackend>> backends = {{"own", LayerBackend::own},
                                                                      {"library", LayerBackend::library}};
  for (const std::int64_t batch : {64, 128, 256, 1024, 4096}) {
    const std::string size = "/batch:" + std::to_string(batch);
    for (const auto& [name, backend] : backends) add("step" + size + "/" + name, step, batch, backend);
    for (const auto& [in, out] : layers) {
      const std::string layer = "/" + std::to_string(in) + "x" + std::to_string(out) + size + "/";
      for (const auto& [name, backend] : backends) {
        add("forward" + layer + name, forward, LinearShape{batch, in, out}, backend);
        add("backward" + layer + name, backward, LinearShape{batch, in, out}, backend);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  add_all();
  benchmark::AddCustomContext("device", queue().device().description());
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
