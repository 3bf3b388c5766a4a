// Clipping, AdamW and spectral normalisation beside PyTorch, on what tests/golden/make_optimiser.py stored.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "engine/runtime/buffer.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/gradient_norm.hpp"
#include "kernels/spectral_norm.hpp"
#include "kernels/step.hpp"
#include "tests/engine/on_device.hpp"

namespace agon {
namespace optimiser_golden_test {

using nlohmann::json;

const json& golden() {
  static const json content = json::parse(std::ifstream(AGON_GOLDEN_FOLDER "/optimiser/golden.json"));
  return content;
}

std::vector<float> floats(const json& list) {
  std::vector<float> values;
  for (const json& number : list) values.push_back(static_cast<float>(number.get<double>()));
  return values;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double worst = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double apart = std::abs(double{a[i]} - double{b[i]});
    if (!(apart <= worst)) worst = apart;
  }
  return worst;
}

class OptimiserGolden : public test::EngineOnDevice {
 protected:
  void SetUp() override {
    EngineOnDevice::SetUp();
    if (!IsSkipped()) queue_.emplace(device());
  }
  /// Memory that is given back with the fixture.
  float* put(const std::vector<float>& values) {
    buffers_.emplace_back(queue().device(), values.size());
    queue().upload(buffers_.back().data(), std::span(values));
    return buffers_.back().data();
  }
  std::vector<float> get(const float* from, std::size_t count) const {
    std::vector<float> values(count);
    queue().download(std::span(values), from);
    return values;
  }

  const Queue& queue() const { return *queue_; }

 private:
  std::optional<Queue> queue_;
  std::vector<Buffer<float>> buffers_;
};
INSTANTIATE_TEST_SUITE_P(Devices, OptimiserGolden, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

TEST_P(OptimiserGolden, ClippedAdamWFollowsPyTorch) {
  const json &run = golden().at("adamw"), &settings = run.at("settings");
  const auto start = floats(run.at("start"));
  const auto n = static_cast<std::int64_t>(start.size());
  float* const parameter = put(start);
  float* const moment1 = put(std::vector<float>(start.size()));
  float* const moment2 = put(std::vector<float>(start.size()));
  kernels::StepState initial;
  initial.optimiser[0] = {.rate = settings.at("rate"),
                          .beta1 = settings.at("beta1"),
                          .beta2 = settings.at("beta2"),
                          .epsilon = settings.at("epsilon"),
                          .weight_decay = settings.at("weight_decay")};
  Buffer<kernels::StepState> state(queue().device(), 1);
  queue().upload(state.data(), std::span<const kernels::StepState>(&initial, 1));
  int clipped = 0;
  for (const json& step : run.at("steps")) {
    const float* const gradient = put(floats(step.at("gradient")));
    kernels::step_begin(queue(), {.state = state.data()});
    kernels::gradient_norm(
        queue(),
        {.n = n, .gradient = gradient, .clip = settings.at("clip"), .state = &state.data()->optimiser[0]});
    kernels::adam(queue(), {n, parameter, gradient, moment1, moment2, &state.data()->optimiser[0]});
    kernels::StepState now;
    queue().download(std::span(&now, 1), state.data());
    EXPECT_NEAR(now.optimiser[0].gradient_norm, step.at("norm").get<double>(), 2e-6);
    clipped += now.optimiser[0].gradient_scale < 1.0f;
    EXPECT_LE(largest_difference(get(parameter, start.size()), floats(step.at("parameter"))), 1e-6);
  }
  EXPECT_EQ(clipped, 3);  // of six
}

TEST_P(OptimiserGolden, SpectralNormFollowsPyTorch) {
  for (const json& layer : golden().at("spectral")) {
    SCOPED_TRACE(layer.at("out").dump() + "x" + layer.at("in").dump());
    const std::size_t out = layer.at("out"), in = layer.at("in");
    kernels::SpectralNorm op{.layers = 1};
    kernels::SpectralLayer& mine = op.layer[0];
    mine = {.out = static_cast<std::int64_t>(out),
            .in = static_cast<std::int64_t>(in),
            .weight = put(floats(layer.at("weight"))),
            .normalised = put(std::vector<float>(out * in)),
            .left = put(floats(layer.at("u"))),
            .right = put(std::vector<float>(in)),
            .sigma = put({0}),
            .scratch = put(std::vector<float>(in + out))};
    for (const json& pass : layer.at("passes")) {
      mine.gradient = put(floats(pass.at("gradient")));
      kernels::spectral_norm(queue(), op);
      kernels::spectral_gradient(queue(), {op});
      EXPECT_LE(largest_difference(get(mine.left, out), floats(pass.at("u"))), 5e-7);
      EXPECT_LE(largest_difference(get(mine.right, in), floats(pass.at("v"))), 5e-7);
      EXPECT_LE(largest_difference(get(mine.normalised, out * in), floats(pass.at("normalised"))), 1e-6);
      EXPECT_LE(largest_difference(get(mine.gradient, out * in), floats(pass.at("by_weight"))), 3e-6);
    }
  }
}

}  // namespace optimiser_golden_test
}  // namespace agon
