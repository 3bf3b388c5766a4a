// How a plan is made on a device, and that a Gan goes by it.
#include "engine/tuning/tuner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>

#include "engine/gan/gan.hpp"
#include "engine/tuning/tuning_cache.hpp"
#include "kernels/convolution.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"

namespace agon {
namespace tuner_test {

using kernels::LayerBackend;
using kernels::LayerChoice;
using kernels::LayerChoices;
using kernels::TileKind;
using test::distance;

GanConfig small_config() {
  GanConfig config;
  config.generator.widths = {20, 40, 30, 3};
  config.discriminator.widths = {3, 33, 24, 1};
  config.batch = 36;
  return config;
}

class PlansOnDevice : public test::EngineOnDevice {
 protected:
  Gan gan(const LoopOptions& loop = {}, int replicas = 1) const {
    Gan made(small_config(), device(), loop, replicas);
    std::mt19937 engine(5);
    std::normal_distribution<float> normal;
    std::vector<float> table(300);
    for (float& value : table) value = normal(engine);
    made.set_data(table, 100);
    return made;
  }
  /// Parameters after a few steps.
  std::vector<float> trained(const LayerPlan& plan, const LoopOptions& loop = {}, int replicas = 1) const {
    Gan it = gan(loop, replicas);
    it.set_plan(plan);
    EXPECT_EQ(it.train(5), 5u);
    std::vector<float> all;
    for (const auto& tensor : it.snapshot(replicas - 1).tensors)
      all.insert(all.end(), tensor.value.begin(), tensor.value.end());
    return all;
  }
  LayerPlan everywhere(const LayerChoice& choice, int replicas = 1) const {
    LayerPlan plan;
    for (const LayerLaunch& launch : gan({}, replicas).launches()) plan.set(launch, {choice, choice});
    return plan;
  }
};
INSTANTIATE_TEST_SUITE_P(, PlansOnDevice, ::testing::ValuesIn(test::test_devices()),
                         [](const auto& parameter) { return parameter.param.name(); });

/// The same training whatever the algorithms, up to last bits; those of a plan are its own, however steps are
/// repeated.
TEST_P(PlansOnDevice, AGanGoesByItsPlan) {
  const std::vector<float> estimated = trained({});
  std::set<std::vector<float>> results;
  for (const TileKind tile : {TileKind::small, TileKind::medium, TileKind::large}) {
    const LayerPlan plan = everywhere({LayerBackend::own, tile, 2});
    const std::vector<float> result = trained(plan);
    EXPECT_LT(distance(result, estimated), 1e-5);
    EXPECT_EQ(trained(plan, {.steps_per_launch = LoopOptions::kByOperation}), result);
    EXPECT_EQ(trained(plan, {.steps_per_launch = 2}), result);
    results.insert(result);
  }
  EXPECT_EQ(results.size(), on_cuda() ? 3u : 1u);
}

/// A plan that comes after some steps is taken from then on: what was captured before is not.
TEST_P(PlansOnDevice, APlanTakesTheCapturedOnesPlace) {
  const LayerPlan first = everywhere({LayerBackend::own, TileKind::small, 2}),
                  second = everywhere({LayerBackend::own, TileKind::large, 1});
  const auto run = [&](const LayerPlan& then) {
    Gan it = gan();
    it.set_plan(first);
    it.train(3);
    it.set_plan(then);
    it.train(3);
    return it.parameter("generator.1.weight");
  };
  EXPECT_EQ(run(first), run(first));
  if (on_cuda()) {
    EXPECT_NE(run(first), run(second));
  }
}

TEST_P(PlansOnDevice, ReplicasHaveOne) {
  const LayerPlan plan = everywhere({LayerBackend::own, TileKind::medium, 1}, 2);
  EXPECT_LT(distance(trained(plan, {}, 2), trained({}, {}, 2)), 1e-5);
  if (on_cuda()) {
    EXPECT_NE(trained(plan, {}, 2), trained({}, {}, 2));
  }
}

/// A clock that runs what it times, and says what it is told to.
class Clock {
 public:
  using Says = std::function<double(const LayerChoices&)>;
  explicit Clock(Says says) : says_(std::move(says)) {}

  LayerTimer timer() {
    return [this](const LaunchOperands& operands, const LayerChoices& choices) {
      operands.enqueue(operands.queue(), choices);
      ++timed;
      return says_(choices);
    };
  }
  int timed = 0;

 private:
  Says says_;
};

TEST_P(PlansOnDevice, TheFastestIsChosenAndKept) {
  const std::vector<LayerLaunch> launches = gan().launches();
  if (!on_cuda()) {
    EXPECT_TRUE(tune(device(), launches, {}, graph_timer()).plan.table().empty());
    Gan tuned = gan();
    tuned.tune();
    EXPECT_TRUE(tuned.plan().table().empty());
    return;
  }
  for (const TileKind wanted : {TileKind::small, TileKind::medium, TileKind::large}) {
    Clock clock([&](const LayerChoices& c) {
      return 5.0 - (c.first.splits > 0 && c.first.tile == wanted) -
             (c.beside.splits > 0 && c.beside.tile == wanted);
    });
    const Tuned tuned = tune(device(), launches, {}, clock.timer());
    EXPECT_EQ(tuned.timed.size(), launches.size());
    EXPECT_GE(clock.timed, 3 * static_cast<int>(launches.size()) / 2);
    for (const TimedLaunch& one : tuned.timed) {
      const LayerChoices& choices = tuned.plan.table().at(one.launch);
      EXPECT_EQ(choices, one.choices());
      if (one.launch.first.shape.in > 16 && one.launch.first.shape.out > 16) {
        EXPECT_EQ(choices.first.tile, wanted) << to_string(one.launch) << ": " << to_string(choices);
      }
    }
    Clock idle([](const LayerChoices&) { return 1.0; });
    EXPECT_EQ(tune(device(), launches, to_texts(tuned.plan), idle.timer()).plan.table(), tuned.plan.table());
    EXPECT_EQ(idle.timed, 0);
    EXPECT_LT(distance(trained(tuned.plan), trained({})), 1e-5);
  }
}

/// Where there is more than one algorithm.
class PlansOnCuda : public PlansOnDevice {};
INSTANTIATE_TEST_SUITE_P(, PlansOnCuda, ::testing::Values(test::TestDevice{DeviceKind::cuda}),
                         [](const auto& parameter) { return parameter.param.name(); });

TEST_P(PlansOnCuda, WhatTheCacheCannotSayIsTimed) {
  const std::vector<LayerLaunch> launches = gan().launches();
  Clock clock([](const LayerChoices&) { return 1.0; });
  const Tuned all = tune(device(), launches, {}, clock.timer());
  PlanTexts known = to_texts(all.plan);
  known.erase(to_string(launches[0]));
  known[to_string(launches[1])] = "by magic";
  const Tuned again = tune(device(), launches, known, clock.timer());
  ASSERT_EQ(again.timed.size(), 2u);
  EXPECT_EQ(again.timed[0].launch, launches[0]);
  EXPECT_EQ(again.timed[1].launch, launches[1]);
  EXPECT_EQ(again.plan.table(), all.plan.table());
}

std::vector<LayerLaunch> convolution_launches() {
  kernels::ConvolutionShape shape{
      .batch = 3, .fine = {8, 8, 20}, .coarse_channels = 24, .kernel = 4, .stride = 2, .padding = 1};
  float somewhere = 0;
  std::vector<LayerLaunch> launches;
  for (const bool transposed : {false, true}) {
    shape.transposed = transposed;
    launches.push_back(launch_of(kernels::ConvolutionForward{.shape = shape, .slope = 0.2f}, 1));
    launches.push_back(launch_of(kernels::ConvolutionTangent{.shape = shape}, 1));
    launches.push_back(launch_of(kernels::ConvolutionBackward{.shape = shape, .dx = &somewhere}, 1));
    launches.push_back(launch_of(kernels::ConvolutionBackward{.shape = shape, .dweight = &somewhere}, 1));
  }
  return launches;
}

/// As of linear layers: on every kind of tile, and kept.
TEST_P(PlansOnCuda, TheFastestOfConvolutionsIsChosen) {
  const std::vector<LayerLaunch> launches = convolution_launches();
  for (const TileKind wanted : {TileKind::small, TileKind::medium, TileKind::large}) {
    Clock clock(
        [&](const LayerChoices& c) { return c.first.splits > 0 && c.first.tile == wanted ? 4.0 : 5.0; });
    const Tuned tuned = tune(device(), launches, {}, clock.timer());
    ASSERT_EQ(tuned.timed.size(), launches.size());
    for (const TimedLaunch& one : tuned.timed) {
      EXPECT_EQ(one.choices().first.tile, wanted) << to_string(one.launch);
      for (const auto& candidate : one.candidates)
        if (candidate.choices.first.by == LayerBackend::own) {
          EXPECT_EQ(candidate.left_out, "") << to_string(one.launch) << ": " << to_string(candidate.choices);
        }
    }
    Clock idle([](const LayerChoices&) { return 1.0; });
    EXPECT_EQ(tune(device(), launches, to_texts(tuned.plan), idle.timer()).plan.table(), tuned.plan.table());
    EXPECT_EQ(idle.timed, 0);
  }
}

/// A library's plan that is the fastest wins, where it can be had; else there is none to time.
TEST_P(PlansOnCuda, TheLibrarysPlansAreAmongTheCandidates) {
  const LayerLaunch launch = convolution_launches().front();
  Clock clock([](const LayerChoices& c) { return c.first.by == LayerBackend::library ? 1.0 : 5.0; });
  const TimedLaunch timed = time_launch(Queue(device()), launch, clock.timer());
  const bool library = std::ranges::any_of(timed.candidates, [](const auto& one) {
    return one.choices.first.by == LayerBackend::library && one.left_out.empty();
  });
  EXPECT_EQ(timed.choices().first.by, library ? LayerBackend::library : LayerBackend::own);
  if (test::simulated()) {
    EXPECT_FALSE(library);
  }
}

/// Two layers that are fastest on tiles of different kinds go one behind the other where that is faster
/// still.
TEST_P(PlansOnCuda, TwoProductsMayGoApart) {
  const auto wide = [](LayerProduct::Kind kind) { return LayerProduct{.kind = kind, .shape = {64, 40, 40}}; };
  const LayerLaunch launch{wide(LayerProduct::Kind::input_gradient),
                           wide(LayerProduct::Kind::weight_gradient)};
  const auto choice = [&](double apart) {
    Clock clock([&](const LayerChoices& c) {
      if (c.beside == LayerChoice{})
        return c.first.splits == 2 && c.first.tile == TileKind::large ? 1.0 : 2.0;
      return c.first.tile == c.beside.tile ? 3.0 : apart;
    });
    return to_string(time_launch(Queue(device()), launch, clock.timer()).choices());
  };
  EXPECT_EQ(choice(2.0), "own small 1 + own large 2");
  EXPECT_EQ(choice(4.0), "own small 1 + own small 1");  // the estimate's
}

TEST_P(PlansOnCuda, TheDevicesClockTimesEveryAlgorithm) {
  EXPECT_EQ(can_be_timed(device()), !test::simulated());
  const LayerLaunch launch{{.kind = LayerProduct::Kind::forward, .shape = {16, 20, 24}}, {}, 1};
  const TimedLaunch timed = time_launch(Queue(device()), launch, graph_timer());
  EXPECT_GE(timed.candidates.size(), 3u);
  for (const auto& candidate : timed.candidates)
    EXPECT_GT(candidate.microseconds, 0) << to_string(candidate.choices);
  EXPECT_NE(tuning_identity(device()), tuning_identity(Device::cpu(1)));
}

}  // namespace tuner_test
}  // namespace agon
