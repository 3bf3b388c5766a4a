// Runs whose rates, penalties and beta2 move: a whole game against PyTorch (tests/golden/make_burn_in.py),
// and the same bits however a run is cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/engine/image_game.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace burn_in_test {

using nlohmann::json;

const json& game() {
  static const json content = json::parse(std::ifstream(AGON_GOLDEN_FOLDER "/burn_in.json"));
  return content;
}

GanConfig golden_config() {
  const json& c = game();
  GanConfig config = test::image_game(c);
  config.generator_rate = config.discriminator_rate = c.at("rate");
  config.beta1 = 0, config.beta2 = c.at("beta2"), config.epsilon = c.at("epsilon");
  config.ema_samples = c.at("ema_samples");
  const std::uint64_t steps = c.at("burn_in");
  config.rate_schedule = {kernels::RateShape::cosine, 0, steps, c.at("final_rate")};
  config.burn_in = {steps, c.at("final_penalty"), c.at("final_beta2")};
  return config;
}

/// The golden game's steps. Before each of them a new Gan goes on where `anew` says so.
Gan played(const GanConfig& config, const Device& device, const LoopOptions& loop,
           std::vector<StepStatistics>& statistics, bool anew = false) {
  Gan gan(config, device, loop);
  for (const json& tensor : game().at("tensors"))
    gan.set_parameter(tensor.at("name").get<std::string>(), tensor.at("start").get<std::vector<float>>());
  for (const json& step : game().at("steps")) {
    if (anew) {
      Gan next(config, device, loop);
      next.restore(gan.snapshot());
      gan = std::move(next);
    }
    statistics.push_back(
        gan.step(step.at("real").get<std::vector<float>>(), step.at("noise").get<std::vector<float>>()));
  }
  return gan;
}

/// Of what the game ends with, in the largest number of each tensor.
double worst(const Gan& gan) {
  double worst = 0;
  const auto compare = [&](const std::vector<float>& got, const json& wanted) {
    double largest = 0, apart = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      largest = std::max(largest, std::abs(wanted.at(i).get<double>()));
      apart = std::max(apart, std::abs(static_cast<double>(got[i]) - wanted.at(i).get<double>()));
    }
    worst = std::max(worst, apart / largest);
  };
  const Gan::Snapshot snapshot = gan.snapshot();
  for (std::size_t i = 0; i < snapshot.tensors.size(); ++i) {
    const json& wanted = game().at("tensors").at(i);
    EXPECT_EQ(wanted.at("name"), snapshot.tensors[i].name);
    compare(snapshot.tensors[i].value, wanted.at("value"));
    compare(snapshot.tensors[i].moment2, wanted.at("moment2"));
    if (wanted.contains("average")) compare(snapshot.tensors[i].average, wanted.at("average"));
  }
  return worst;
}

constexpr double kNear = 2e-5;

class BurnInTest : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, BurnInTest, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

TEST_P(BurnInTest, AWholeGameFollowsPyTorch) {
  for (const char* const fuse : {"none", "all"}) {
    if (GetParam().name() == "simulated" && fuse == std::string("none")) continue;  // takes long
    std::vector<StepStatistics> statistics;
    const Gan gan = played(golden_config(), device(), {.fuse = fuse}, statistics);
    for (std::size_t s = 0; s < statistics.size(); ++s) {
      const json& wanted = game().at("steps").at(s);
      const auto losses = wanted.at("losses").get<std::vector<double>>();
      const auto penalty = wanted.at("penalty").get<double>();
      EXPECT_NEAR(statistics[s].discriminator_loss, losses[0], kNear * losses[0]) << s;
      EXPECT_NEAR(statistics[s].generator_loss, losses[1], kNear * losses[1]) << s;
      EXPECT_NEAR(statistics[s].penalty, penalty, kNear * penalty) << s;
    }
    EXPECT_LE(worst(gan), kNear);
  }
}

/// Each part of it counts, or the test above would not see it.
TEST(BurnInGolden, AGameWithoutAPartOfItIsAnother) {
  const std::function<void(GanConfig&)> without[] = {
      [](GanConfig& c) { c.burn_in.final_penalty = 1; }, [](GanConfig& c) { c.burn_in.final_beta2 = 0; },
      [](GanConfig& c) { c.burn_in.steps = 5; },
      [](GanConfig& c) { c.rate_schedule.shape = kernels::RateShape::constant; }};
  for (const auto& change : without) {
    GanConfig config = golden_config();
    change(config);
    std::vector<StepStatistics> statistics;
    EXPECT_GE(worst(played(config, Device::cpu(1), {}, statistics)), 50 * kNear);
  }
}

TEST_P(BurnInTest, EachStepInAGanOfItsOwnHasTheSameBits) {
  std::vector<StepStatistics> one, many;
  const Gan whole = played(golden_config(), device(), {}, one),
            pieces = played(golden_config(), device(), {}, many, true);
  test::expect_same_bits(whole.snapshot(), pieces.snapshot());
  for (std::size_t s = 0; s < one.size(); ++s) EXPECT_EQ(one[s].penalty, many[s].penalty);
}

/// On CUDA the loop's steps are a captured graph's, repeated on the device.
TEST_P(BurnInTest, ALoopHasTheBitsOfItsPieces) {
  GanConfig config = test::small_config();
  config.penalties = {.r1 = 1, .r2 = 0.5};
  config.rate_schedule = {kernels::RateShape::cosine, 0, 20, 0.25};
  config.burn_in = {20, 0.1, 0.9};
  config.discriminator_steps = 2;
  const Gan whole = test::trained(config, device(), 26);
  Gan pieces = test::ready(config, device());
  for (const std::uint64_t steps : {1, 1, 7, 10, 3, 4}) {
    Gan next = test::ready(config, device());
    next.restore(pieces.snapshot());
    EXPECT_EQ(next.train(steps), steps);
    pieces = std::move(next);
  }
  test::expect_same_bits(whole.snapshot(), pieces.snapshot());
  config.burn_in.steps = 0;
  EXPECT_NE(whole.parameter("generator.1.weight"),
            test::trained(config, device(), 26).parameter("generator.1.weight"));
}

}  // namespace burn_in_test
}  // namespace agon
