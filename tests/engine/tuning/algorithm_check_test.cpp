// A algorithm that is wrong is found before it is timed, is not chosen, and is shown; ours are right.
#include "engine/tuning/algorithm_check.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>

#include "engine/tuning/tuner.hpp"
#include "kernels/convolution.hpp"
#include "kernels/error.hpp"
#include "kernels/formula/leaky_relu.hpp"
#include "tests/engine/on_device.hpp"

namespace agon {
namespace algorithm_check_test {

using kernels::LayerBackend;
using kernels::LayerChoice;
using kernels::LayerChoices;
using kernels::LinearShape;
using kernels::Precision;
using kernels::TileKind;
using Kind = LayerProduct::Kind;

constexpr Precision kPrecisions[] = {Precision::fp32, Precision::tf32, Precision::bf16};

/// y of a layer by plain loops, of numbers of [-1, 1).
class Outcomes {
 public:
  explicit Outcomes(const LinearShape& shape) : shape_(shape) {
    std::mt19937 generator(4);
    std::uniform_real_distribution<float> number(-1, 1);
    for (auto [values, n] : {std::pair(&x_, shape.batch * shape.in),
                             std::pair(&weight_, shape.out * shape.in), std::pair(&bias_, shape.out)})
      for (std::int64_t i = 0; i < n; ++i) values->push_back(number(generator));
  }

  /// `change` happens to every factor.
  template <class Change>
  LayerOutcome y(Precision precision, float slope, const Change& change) const {
    LayerOutcome y{{.kind = Kind::forward, .shape = shape_, .precision = precision}, {}};
    for (std::int64_t b = 0; b < shape_.batch; ++b)
      for (std::int64_t o = 0; o < shape_.out; ++o) {
        double sum = double{bias_[o]};
        for (std::int64_t i = 0; i < shape_.in; ++i)
          sum += double{change(x_[b * shape_.in + i])} * double{change(weight_[o * shape_.in + i])};
        y.values.push_back(kernels::formula::leaky_relu(static_cast<float>(sum), slope));
      }
    return y;
  }
  LayerOutcome y(Precision precision, float slope = 0.2f) const {
    return y(precision, slope, [](float v) { return v; });
  }

 private:
  LinearShape shape_;
  std::vector<float> x_, weight_, bias_;
};

/// The low bits are lost: what a library may do to tf32's and bf16's factors.
float cut_off(float value, Precision precision) {
  const std::uint32_t lost = precision == Precision::tf32   ? 0x1fffu
                             : precision == Precision::bf16 ? 0xffffu
                                                            : 0;
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, 4);
  bits &= ~lost;
  std::memcpy(&value, &bits, 4);
  return value;
}

TEST(AlgorithmCheck, RoundingsAreNoDifference) {
  for (const LinearShape& shape : {LinearShape{64, 512, 96}, {64, 17, 96}, {16, 4096, 24}}) {
    const Outcomes layer(shape);
    for (const Precision p : kPrecisions)
      EXPECT_EQ(difference(layer.y(p), layer.y(p, 0.2f, [&](float v) { return cut_off(v, p); })), "");
  }
}

TEST(AlgorithmCheck, AnythingElseIs) {
  for (const LinearShape& shape : {LinearShape{64, 512, 96}, {64, 17, 96}, {16, 4096, 24}}) {
    const Outcomes layer(shape);
    for (const Precision p : kPrecisions) {
      const LayerOutcome right = layer.y(p);
      EXPECT_NE(difference(right, layer.y(p, 0.0f)), "") << "no slope";
      EXPECT_NE(difference(right, layer.y(p, 1.0f)), "") << "no activation";
      EXPECT_NE(difference(right, layer.y(p, 0.1f)), "") << "another slope";
      for (const float wrong : {1e30f, NAN, INFINITY}) {
        LayerOutcome one = right;
        one.values[one.values.size() / 2] = wrong;
        EXPECT_NE(difference(right, one), "") << wrong;
      }
    }
    EXPECT_NE(difference(layer.y(Precision::fp32),
                         layer.y(Precision::fp32, 0.2f, [](float v) { return cut_off(v, Precision::tf32); })),
              "")
        << "tf32 for fp32";
    EXPECT_NE(difference(layer.y(Precision::tf32),
                         layer.y(Precision::tf32, 0.2f, [](float v) { return cut_off(v, Precision::bf16); })),
              "")
        << "bf16 for tf32";
  }
}

/// One result of many, that is off by a little less than is allowed and by a little more: too little to show
/// in the norm of all.
TEST(AlgorithmCheck, OneResultIsEnough) {
  const LinearShape shape{64, 512, 96};
  const Outcomes layer(shape);
  for (const auto& [precision, unit] : {std::pair(Precision::fp32, 0.0), std::pair(Precision::tf32, 0x1p-11),
                                        std::pair(Precision::bf16, 0x1p-8)}) {
    const double each = (3.1 * (2 * unit + unit * unit) + 4e-6) * (static_cast<double>(shape.in) / 4 + 1);
    const LayerOutcome right = layer.y(precision);
    for (const double share : {0.8, 1.2}) {
      LayerOutcome one = right;
      one.values[100] = static_cast<float>(double{right.values[100]} + share * each);
      EXPECT_EQ(difference(right, one).empty(), share < 1) << share;
      EXPECT_TRUE(share < 1 || difference(right, one).starts_with("a result is ")) << difference(right, one);
    }
  }
}

class AlgorithmChecks : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(, AlgorithmChecks, ::testing::ValuesIn(test::test_devices()),
                         [](const auto& parameter) { return parameter.param.name(); });

LayerTimer idle() {
  return [](const LaunchOperands&, const LayerChoices&) { return 1.0; };
}

/// A convolution's.
std::vector<LayerLaunch> launches_of(const kernels::ConvolutionShape& shape, Precision precision,
                                     int replicas) {
  float somewhere = 0;
  kernels::ConvolutionBackward input{
      .shape = shape, .dx = &somewhere, .input_slope = 0.2f, .precision = precision};
  kernels::ConvolutionBackward weights{
      .shape = shape, .dweight = &somewhere, .row_weight = &somewhere, .precision = precision};
  kernels::ConvolutionBackward adding = weights;
  adding.row_weight = nullptr, adding.accumulate = true;
  return {
      launch_of(kernels::ConvolutionForward{.shape = shape, .slope = 0.2f, .precision = precision}, replicas),
      launch_of(kernels::ConvolutionTangent{.shape = shape, .precision = precision}, replicas),
      launch_of(input, replicas), launch_of(weights, replicas), launch_of(adding, replicas)};
}

std::vector<LayerLaunch> launches_of(Precision precision, int replicas) {
  std::vector<LayerLaunch> launches;
  for (const LinearShape& shape : {LinearShape{40, 64, 48}, {36, 9, 40}, {36, 33, 1}})
    for (const Kind kind : {Kind::forward, Kind::weight_gradient, Kind::input_gradient})
      for (const bool special : {false, true}) {
        const LayerProduct product{.kind = kind,
                                   .shape = shape,
                                   .precision = kernels::precision_of(shape, precision),
                                   .leaky = special && kind != Kind::weight_gradient,
                                   .accumulate = special && kind == Kind::weight_gradient};
        launches.push_back({product, {}, replicas});
      }
  const LayerProduct above{.kind = Kind::input_gradient, .shape = {40, 64, 48}, .precision = precision};
  LayerProduct below{.kind = Kind::weight_gradient, .shape = {40, 30, 64}, .precision = precision};
  below.update = true;
  launches.push_back({above, below, replicas});
  for (const LinearShape& shape : {LinearShape{40, 64, 48}, {36, 33, 1}}) {  // of a penalty
    const Precision p = kernels::precision_of(shape, precision);
    launches.push_back({{.kind = Kind::tangent, .shape = shape, .precision = p}, {}, replicas});
    launches.push_back(
        {{.kind = Kind::weight_gradient, .shape = shape, .precision = p, .weighted = true}, {}, replicas});
  }
  const kernels::ConvolutionShape down{2, {8, 6, 20}, 24, 4, 2, 1, 1, false},
      up{2, {5, 5, 32}, 64, 3, 1, 1, 2, true};
  const std::vector<LayerLaunch> convolutions = launches_of(replicas == 1 ? down : up, precision, replicas);
  launches.insert(launches.end(), convolutions.begin(), convolutions.end());
  return launches;
}

/// Every algorithm of ours, in every precision; a library's are ours to judge, not to promise.
TEST_P(AlgorithmChecks, OursAreRight) {
  for (const Precision precision : kPrecisions)
    for (const int replicas : {1, 2}) {
      const std::vector<LayerLaunch> launches = launches_of(precision, replicas);
      if (!on_cuda()) {
        EXPECT_TRUE(tune(device(), launches, {}, idle()).timed.empty()) << "the processor has one algorithm";
        continue;
      }
      const Queue queue(device(), replicas);
      for (const LayerLaunch& launch : launches)
        for (const TimedLaunch::Candidate& algorithm : time_launch(queue, launch, idle()).candidates)
          if (algorithm.choices.first.by == LayerBackend::own) {
            EXPECT_EQ(algorithm.left_out, "") << to_string(launch) << ": " << to_string(algorithm.choices);
          } else if (!algorithm.left_out.empty()) {
            std::printf("%s: %s: %s\n", to_string(launch).c_str(), to_string(algorithm.choices).c_str(),
                        algorithm.left_out.c_str());
          }
    }
}

/// The fastest by far computes nothing: another is chosen, and it is shown why.
TEST_P(AlgorithmChecks, AWayThatErrsIsLeftOut) {
  const LayerLaunch launch{{.kind = Kind::forward, .shape = {64, 40, 48}, .leaky = true}, {}, 1};
  if (!on_cuda()) {
    EXPECT_TRUE(tune(device(), {launch}, {}, idle()).timed.empty()) << "the processor has one algorithm";
    return;
  }
  const auto errs = [](const LayerChoices& algorithm) { return algorithm.first.tile == TileKind::large; };
  const LayerTimer timer = [&](const LaunchOperands&, const LayerChoices& algorithm) {
    return errs(algorithm) ? 1 : 5;
  };
  const LayerRun run = [&](const LaunchOperands& operands, QueueView queue, const LayerChoices& algorithm) {
    if (!errs(algorithm)) operands.enqueue(queue, algorithm);
  };
  const Queue queue(device());
  EXPECT_TRUE(errs(time_launch(queue, launch, timer).choices()));
  const TimedLaunch timed = time_launch(queue, launch, timer, run);
  EXPECT_FALSE(errs(timed.choices()));
  for (const TimedLaunch::Candidate& algorithm : timed.candidates)
    EXPECT_EQ(algorithm.left_out.starts_with("forward: a result is 1e+30, by our kernels "),
              errs(algorithm.choices))
        << to_string(algorithm.choices) << ": " << algorithm.left_out;
}

/// The same of a convolution, whose results are images and weights.
TEST_P(AlgorithmChecks, AConvolutionThatErrsIsLeftOut) {
  if (!on_cuda()) return;
  const auto errs = [](const LayerChoices& algorithm) { return algorithm.first.tile == TileKind::large; };
  const LayerTimer timer = [&](const LaunchOperands&, const LayerChoices& algorithm) {
    return errs(algorithm) ? 1 : 5;
  };
  const LayerRun run = [&](const LaunchOperands& operands, QueueView queue, const LayerChoices& algorithm) {
    operands.enqueue(queue, algorithm);
    if (errs(algorithm)) operands.forget();
  };
  const Queue queue(device());
  for (const LayerLaunch& launch : launches_of(Precision::fp32, 1)) {
    if (!launch.first.convolution) continue;
    const TimedLaunch timed = time_launch(queue, launch, timer, run);
    EXPECT_FALSE(errs(timed.choices())) << to_string(launch);
    for (const TimedLaunch::Candidate& algorithm : timed.candidates)
      EXPECT_EQ(!algorithm.left_out.empty(), errs(algorithm.choices)) << to_string(launch);
  }
}

/// A algorithm of ours that fails is a failure; a library's is left out, with its words.
TEST_P(AlgorithmChecks, OursMayNotFail) {
  const LayerLaunch launch{{.kind = Kind::forward, .shape = {64, 40, 48}}, {}, 1};
  if (!on_cuda()) {
    EXPECT_TRUE(tune(device(), {launch}, {}, idle()).timed.empty()) << "the processor has one algorithm";
    return;
  }
  const LayerTimer refuses = [](const LaunchOperands&, const LayerChoices&) -> double {
    throw DeviceError("refused");
  };
  EXPECT_THROW(static_cast<void>(time_launch(Queue(device()), launch, refuses)), DeviceError);
}

}  // namespace algorithm_check_test
}  // namespace agon
