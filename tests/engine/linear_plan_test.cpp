// Plans: what a step asks for, how a choice is made of times, how it is kept, and that a Gan goes by it.
#include "engine/network/linear_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <random>
#include <set>

#include "engine/training/gan.hpp"
#include "engine/training/plan_book.hpp"
#include "engine/training/step_launches.hpp"
#include "engine/training/tuner.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/test_device.hpp"

namespace agon {
namespace {

using kernels::LinearChoice;
using kernels::LinearChoices;
using kernels::LinearRoute;
using kernels::TileKind;
using test::distance;

std::vector<std::string> texts_of(const std::vector<LinearLaunch>& launches) {
  std::vector<std::string> texts;
  for (const LinearLaunch& launch : launches) texts.push_back(to_string(launch));
  return texts;
}

GanConfig small_config() {
  GanConfig config;
  config.generator.widths = {20, 40, 30, 3};
  config.discriminator.widths = {3, 33, 24, 1};
  config.batch = 36;
  return config;
}

TEST(LinearPlan, TextsOfChoicesComeBack) {
  for (const LinearChoice& choice : {LinearChoice{}, LinearChoice{.by = LinearRoute::own},
                                     LinearChoice{LinearRoute::own, TileKind::large, 64},
                                     LinearChoice{LinearRoute::own, TileKind::medium, 1},
                                     LinearChoice{.by = LinearRoute::library, .algorithm = 7},
                                     LinearChoice{.by = LinearRoute::fused, .algorithm = 3}}) {
    EXPECT_EQ(parse_linear_choice(to_string(choice)), choice) << to_string(choice);
    const LinearChoices two{choice, {LinearRoute::own, TileKind::small, 2}};
    EXPECT_EQ(parse_linear_choices(to_string(two)), two) << to_string(two);
  }
  for (const char* text :
       {"", "ours", "own huge", "own medium 0", "own medium 65", "own medium 2 3", "library -1", "library 8",
        "library x", "fused 4", "fused x", "fused 0 1", "estimate 1", "own small 1x"})
    EXPECT_EQ(parse_linear_choice(text), std::nullopt) << text;
  EXPECT_EQ(parse_linear_choices("own + ours"), std::nullopt);
}

/// D's phase, then G's; the layers around the records (10 columns) have a kernel of their own, and are no
/// choice.
TEST(LinearPlan, TheArticlesStep) {
  EXPECT_EQ(texts_of(step_launches(GanConfig(), 64)),
            (std::vector<std::string>{
                "forward 128x100->128 fp32 leaky", "forward 128x128->256 fp32 leaky",
                "forward 128x256->512 fp32 leaky", "forward 128x512->256 fp32 leaky",
                "input gradient 128x512->256 fp32 leaky + weight gradient 128x256->1 fp32 adam",
                "weight gradient 128x10->512 fp32 adam + weight gradient 128x512->256 fp32 adam",
                "forward 64x10->512 fp32 leaky", "forward 64x512->256 fp32 leaky",
                "input gradient 64x512->256 fp32 leaky",
                "input gradient 64x256->512 fp32 leaky + weight gradient 64x512->10 fp32 adam",
                "input gradient 64x128->256 fp32 leaky + weight gradient 64x256->512 fp32 adam",
                "weight gradient 64x100->128 fp32 adam + weight gradient 64x128->256 fp32 adam"}));
}

TEST(LinearPlan, MicroBatchesAddAndReplicasCount) {
  const std::vector<std::string> texts = texts_of(step_launches(small_config(), 12, 8));
  EXPECT_TRUE(
      std::all_of(texts.begin(), texts.end(), [](const auto& t) { return t.starts_with("8 replicas: "); }));
  const auto holds = [&](const char* word) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const auto& t) { return t.find(word) != std::string::npos; });
  };
  EXPECT_TRUE(holds("weight gradient 24x33->24 fp32"));
  EXPECT_TRUE(holds(" added"));
  EXPECT_TRUE(holds(" added adam"));
}

/// Whatever a step asks for, a plan of its launches answers.
TEST(LinearPlan, AnswersEveryCallOfTheStep) {
  for (const auto& [generator, discriminator] :
       {std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>{{20, 40, 30, 3}, {3, 33, 24, 1}},
        {{20, 40, 30}, {30, 40, 1}},
        {{7, 5}, {5, 1}},
        {{9, 40, 40, 40, 17}, {17, 9, 40, 40, 1}}})
    for (const std::int64_t micro_batch : {12, 36}) {
      GanConfig config = small_config();
      config.generator.widths = generator, config.discriminator.widths = discriminator;
      const LinearChoice own{LinearRoute::own, TileKind::medium, 2};
      LinearPlan plan;
      for (const LinearLaunch& launch : step_launches(config, micro_batch, 2)) plan.set(launch, {own, own});
      for (const kernels::LinearCall& call : rehearse_step(config, micro_batch, 2, &plan)) {
        const auto name = to_string(launch_of(call, 2));
        EXPECT_EQ(call.is_forward ? call.forward.choice : call.backward.choice, own) << name;
        if (call.beside.dweight != nullptr) {
          EXPECT_EQ(call.beside.choice, own) << name;
        }
      }
    }
}

TEST(LinearPlan, TiesGoToTheFirst) {
  const auto best = [](std::vector<double> times) {
    std::vector<TimedLaunch::Candidate> candidates;
    for (const double time : times) candidates.push_back({{}, time});
    return best_of(candidates);
  };
  EXPECT_EQ(best({5}), 0u);
  EXPECT_EQ(best({5, 4.9, 4.99}), 0u);
  EXPECT_EQ(best({5, 4.8, 4.7}), 1u);
  EXPECT_EQ(best({5, 4, 3}), 2u);
}

TEST(LinearPlan, WhatIsLeftOutIsNotChosen) {
  EXPECT_EQ(best_of({{{}, 0, "wrong"}, {{}, 5}, {{}, 4}, {{}, 0, "refused"}}), 2u);
}

TEST(LinearPlan, TheEstimateNeedsNoDevice) {
  const std::vector<LinearLaunch> launches = step_launches(GanConfig(), 64);
  const LinearPlan plan = estimated_plan(launches, 132);
  for (const LinearLaunch& launch : launches) {
    const LinearChoices& choices = plan.table().at(launch);
    EXPECT_EQ(choices.first.by, LinearRoute::own) << to_string(launch);
    EXPECT_EQ(choices.beside.by, launch.beside ? LinearRoute::own : LinearRoute::automatic)
        << to_string(launch);
  }
  GanConfig large;
  large.generator.widths = {4096, 4096, 10};
  large.batch = 4096;
  const LinearLaunch first = step_launches(large, 4096).front();
  EXPECT_EQ(to_string(estimated_plan({first}, 132).table().at(first)), "library 0");
}

class PlanBooks : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "deep" / "plans.json";
};

TEST_F(PlanBooks, KeepWhatTheyAreTold) {
  EXPECT_TRUE(read_plans(path_).book.devices.empty());
  EXPECT_EQ(read_plans(path_).warning, "");
  add_plans(path_, "one", {{"a", "own"}, {"b", "library 0"}});
  add_plans(path_, "two", {{"a", "own small 1"}});
  add_plans(path_, "one", {{"b", "own"}});
  const CachedPlans cached = read_plans(path_);
  EXPECT_EQ(cached.warning, "");
  EXPECT_EQ(cached.book.devices, (std::map<std::string, PlanTexts>{{"one", {{"a", "own"}, {"b", "own"}}},
                                                                   {"two", {{"a", "own small 1"}}}}));
  EXPECT_EQ(PlanBook::parse(cached.book.json())->devices, cached.book.devices);
}

TEST_F(PlanBooks, ThatAreDamagedAreNotUsed) {
  add_plans(path_, "one", {{"a", "own"}});
  for (const char* text : {"", "{", "[]", "{\"version\": 1}", "{\"version\": 2, \"devices\": {}}",
                           "{\"version\": 1, \"devices\": {\"one\": 3}}",
                           "{\"version\": 1, \"devices\": {\"one\": {\"a\": 3}}}"}) {
    std::ofstream(path_) << text;
    const CachedPlans cached = read_plans(path_);
    EXPECT_TRUE(cached.book.devices.empty()) << text;
    EXPECT_EQ(cached.warning, path_.string() + ": holds no plans of this version, and is not used") << text;
  }
  add_plans(path_, "one", {{"a", "own"}});  // in its place
  EXPECT_EQ(read_plans(path_).book.devices.size(), 1u);
}

class PlansOnDevice : public ::testing::TestWithParam<test::TestDevice> {
 protected:
  void SetUp() override {
    AGON_SKIP_IF_ABSENT(GetParam());
    device_ = GetParam().get();
  }
  bool on_cuda() const { return device_.kind() == DeviceKind::cuda; }

  Gan gan(const LoopOptions& loop = {}, int replicas = 1) const {
    Gan made(small_config(), device_, loop, replicas);
    std::mt19937 engine(5);
    std::normal_distribution<float> normal;
    std::vector<float> table(300);
    for (float& value : table) value = normal(engine);
    made.set_data(table, 100);
    return made;
  }
  /// Parameters after a few steps.
  std::vector<float> trained(const LinearPlan& plan, const LoopOptions& loop = {}, int replicas = 1) const {
    Gan it = gan(loop, replicas);
    it.set_plan(plan);
    EXPECT_EQ(it.train(5), 5u);
    std::vector<float> all;
    for (const auto& tensor : it.snapshot(replicas - 1).tensors)
      all.insert(all.end(), tensor.value.begin(), tensor.value.end());
    return all;
  }
  LinearPlan everywhere(const LinearChoice& choice, int replicas = 1) const {
    LinearPlan plan;
    for (const LinearLaunch& launch : gan({}, replicas).launches()) plan.set(launch, {choice, choice});
    return plan;
  }

  Device device_ = Device::cpu(1);
};
INSTANTIATE_TEST_SUITE_P(, PlansOnDevice, ::testing::ValuesIn(test::test_devices()),
                         [](const auto& parameter) { return parameter.param.name(); });

/// The same training whatever the ways, up to last bits; those of a plan are its own, however steps are
/// repeated.
TEST_P(PlansOnDevice, AGanGoesByItsPlan) {
  const std::vector<float> estimated = trained({});
  std::set<std::vector<float>> results;
  for (const TileKind tile : {TileKind::small, TileKind::medium, TileKind::large}) {
    const LinearPlan plan = everywhere({LinearRoute::own, tile, 2});
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
  const LinearPlan first = everywhere({LinearRoute::own, TileKind::small, 2}),
                   second = everywhere({LinearRoute::own, TileKind::large, 1});
  const auto run = [&](const LinearPlan& then) {
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
  const LinearPlan plan = everywhere({LinearRoute::own, TileKind::medium, 1}, 2);
  EXPECT_LT(distance(trained(plan, {}, 2), trained({}, {}, 2)), 1e-5);
  if (on_cuda()) {
    EXPECT_NE(trained(plan, {}, 2), trained({}, {}, 2));
  }
}

/// A clock that runs what it times, and says what it is told to.
class Clock {
 public:
  using Says = std::function<double(const LinearChoices&)>;
  explicit Clock(Says says) : says_(std::move(says)) {}

  LinearTimer timer() {
    return [this](const LaunchOperands& operands, const LinearChoices& choices) {
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
  const std::vector<LinearLaunch> launches = gan().launches();
  if (!on_cuda()) {
    EXPECT_TRUE(tune(device_, launches, {}, graph_timer()).plan.table().empty());
    return;
  }
  for (const TileKind wanted : {TileKind::small, TileKind::medium, TileKind::large}) {
    Clock clock([&](const LinearChoices& c) {
      return 5.0 - (c.first.splits > 0 && c.first.tile == wanted) -
             (c.beside.splits > 0 && c.beside.tile == wanted);
    });
    const Tuned tuned = tune(device_, launches, {}, clock.timer());
    EXPECT_EQ(tuned.timed.size(), launches.size());
    EXPECT_GE(clock.timed, 3 * static_cast<int>(launches.size()) / 2);
    for (const TimedLaunch& one : tuned.timed) {
      const LinearChoices& choices = tuned.plan.table().at(one.launch);
      EXPECT_EQ(choices, one.choices());
      if (one.launch.first.shape.in > 16 && one.launch.first.shape.out > 16) {
        EXPECT_EQ(choices.first.tile, wanted) << to_string(one.launch) << ": " << to_string(choices);
      }
    }
    Clock idle([](const LinearChoices&) { return 1.0; });
    EXPECT_EQ(tune(device_, launches, to_texts(tuned.plan), idle.timer()).plan.table(), tuned.plan.table());
    EXPECT_EQ(idle.timed, 0);
    EXPECT_LT(distance(trained(tuned.plan), trained({})), 1e-5);
  }
}

/// Where there is more than one way.
class PlansOnCuda : public PlansOnDevice {};
INSTANTIATE_TEST_SUITE_P(, PlansOnCuda, ::testing::Values(test::TestDevice{DeviceKind::cuda}),
                         [](const auto& parameter) { return parameter.param.name(); });

TEST_P(PlansOnCuda, WhatTheCacheCannotSayIsTimed) {
  const std::vector<LinearLaunch> launches = gan().launches();
  Clock clock([](const LinearChoices&) { return 1.0; });
  const Tuned all = tune(device_, launches, {}, clock.timer());
  PlanTexts known = to_texts(all.plan);
  known.erase(to_string(launches[0]));
  known[to_string(launches[1])] = "by magic";
  const Tuned again = tune(device_, launches, known, clock.timer());
  ASSERT_EQ(again.timed.size(), 2u);
  EXPECT_EQ(again.timed[0].launch, launches[0]);
  EXPECT_EQ(again.timed[1].launch, launches[1]);
  EXPECT_EQ(again.plan.table(), all.plan.table());
}

/// Two layers that are fastest on tiles of different kinds go one behind the other where that is faster
/// still.
TEST_P(PlansOnCuda, TwoProductsMayGoApart) {
  const auto wide = [](LinearProduct::Kind kind) {
    return LinearProduct{.kind = kind, .shape = {64, 40, 40}};
  };
  const LinearLaunch launch{wide(LinearProduct::Kind::input_gradient),
                            wide(LinearProduct::Kind::weight_gradient)};
  const auto choice = [&](double apart) {
    Clock clock([&](const LinearChoices& c) {
      if (c.beside == LinearChoice{})
        return c.first.splits == 2 && c.first.tile == TileKind::large ? 1.0 : 2.0;
      return c.first.tile == c.beside.tile ? 3.0 : apart;
    });
    return to_string(time_launch(Queue(device_), launch, clock.timer()).choices());
  };
  EXPECT_EQ(choice(2.0), "own small 1 + own large 2");
  EXPECT_EQ(choice(4.0), "own small 1 + own small 1");  // the estimate's
}

TEST_P(PlansOnCuda, TheDevicesClockTimesEveryWay) {
  EXPECT_EQ(can_be_timed(device_), !test::kSimulated);
  const LinearLaunch launch{{.kind = LinearProduct::Kind::forward, .shape = {16, 20, 24}}, {}, 1};
  const TimedLaunch timed = time_launch(Queue(device_), launch, graph_timer());
  EXPECT_GE(timed.candidates.size(), 3u);
  for (const auto& candidate : timed.candidates)
    EXPECT_GT(candidate.microseconds, 0) << to_string(candidate.choices);
  EXPECT_NE(plan_identity(device_), plan_identity(Device::cpu(1)));
}

}  // namespace
}  // namespace agon
