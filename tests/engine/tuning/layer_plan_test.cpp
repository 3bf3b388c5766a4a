// Plans: what a step asks for, how a choice is made of times, and how it is kept.
#include "engine/tuning/layer_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>

#include "engine/gan/step_program.hpp"
#include "engine/tuning/program_launches.hpp"
#include "engine/tuning/tuner.hpp"
#include "engine/tuning/tuning_cache.hpp"
#include "kernels/convolution.hpp"
#include "kernels/linear_tangent.hpp"
#include "kernels/step.hpp"
#include "tests/temporary_folder.hpp"

namespace agon {
namespace layer_plan_test {

using kernels::LayerBackend;
using kernels::LayerChoice;
using kernels::LayerChoices;
using kernels::TileKind;

std::vector<std::string> texts_of(const std::vector<LayerLaunch>& launches) {
  std::vector<std::string> texts;
  for (const LayerLaunch& launch : launches) texts.push_back(to_string(launch));
  return texts;
}

TEST(LayerPlan, TextsOfChoicesComeBack) {
  for (const LayerChoice& choice : {LayerChoice{}, LayerChoice{.by = LayerBackend::own},
                                    LayerChoice{LayerBackend::own, TileKind::large, 128},
                                    LayerChoice{LayerBackend::own, TileKind::medium, 1},
                                    LayerChoice{.by = LayerBackend::library, .algorithm = 7},
                                    LayerChoice{.by = LayerBackend::fused, .algorithm = 3}}) {
    EXPECT_EQ(parse_layer_choice(to_string(choice)), choice) << to_string(choice);
    const LayerChoices two{choice, {LayerBackend::own, TileKind::small, 2}};
    EXPECT_EQ(parse_layer_choices(to_string(two)), two) << to_string(two);
  }
  for (const char* text :
       {"", "ours", "own huge", "own medium 0", "own medium 129", "own medium 2 3", "library -1", "library 8",
        "library x", "fused 4", "fused x", "fused 0 1", "estimate 1", "own small 1x"})
    EXPECT_EQ(parse_layer_choice(text), std::nullopt) << text;
  EXPECT_EQ(parse_layer_choices("own + ours"), std::nullopt);
}

/// D's phase, then G's; the layers around the records (10 columns) have a kernel of their own, and are no
/// choice.
TEST(LayerPlan, TheArticlesStep) {
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

TEST(LayerPlan, MicroBatchesAddAndReplicasCount) {
  GanConfig config;
  config.discriminator.widths = {10, 33, 24, 1};
  config.batch = 36;
  const std::vector<std::string> texts = texts_of(step_launches(config, 12, 8));
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

/// A library's algorithm of one is not that of another: neither a tangent nor a weighted gradient has the
/// bias that the forward and the plain gradient have.
TEST(LayerPlan, APenaltysProductsAreTheirOwn) {
  GanConfig config;
  config.generator.widths = {20, 40, 10}, config.discriminator.widths = {10, 512, 256, 1};
  config.penalties.r1 = 1;
  EXPECT_EQ(texts_of(step_launches(config, 64)),
            (std::vector<std::string>{
                "forward 128x20->40 fp32 leaky", "forward 128x512->256 fp32 leaky",
                "input gradient 128x512->256 fp32 leaky", "input gradient 64x10->512 fp32",
                "tangent 64x10->512 fp32", "tangent 64x512->256 fp32",
                "weight gradient 128x512->256 fp32 weighted adam + "
                "weight gradient 128x256->1 fp32 weighted adam",
                "weight gradient 128x10->512 fp32 weighted adam", "forward 64x10->512 fp32 leaky",
                "forward 64x512->256 fp32 leaky", "input gradient 64x512->256 fp32 leaky",
                "weight gradient 64x20->40 fp32 adam + weight gradient 64x40->10 fp32 adam"}));
}

/// Images of 8 x 8 or what `residual` says of them, and the discriminator's R1 and R2.
GanConfig image_config(Residual residual) {
  const auto layout = [](ImageRole role) {
    return ImageLayout{.role = role, .shape = {8, 8, 1}, .kernel = 4, .group_channels = 16};
  };
  GanConfig config;
  config.generator.images = layout(ImageRole::makes);
  config.discriminator.images = layout(ImageRole::reads);
  config.generator.residual = config.discriminator.residual = residual;
  config.generator.widths = {20, 32, 1}, config.discriminator.widths = {1, 32, 1};
  if (residual == Residual::add) {
    config.generator.widths = {20, 32, 17, 1}, config.discriminator.widths = {1, 17, 32, 1};
    config.generator.images.group_channels = config.discriminator.images.group_channels = 0;
  }
  config.penalties = {.r1 = 1, .r2 = 1};
  config.batch = 12;
  return config;
}

/// A convolution's products are launches like a linear layer's, both ways, with a penalty's tangents.
TEST(LayerPlan, ConvolutionsAreAmongAStepsLaunches) {
  const std::vector<std::string> texts = texts_of(step_launches(image_config(Residual::none), 12));
  for (const char* const text : {"forward 24x4x4x32->8x8x1 transposed 4x4 stride 2 padding 1 fp32",
                                 "forward 24x8x8x1->4x4x32 4x4 stride 2 padding 1 fp32 leaky",
                                 "input gradient 24x8x8x1->4x4x32 4x4 stride 2 padding 1 fp32",
                                 "tangent 24x8x8x1->4x4x32 4x4 stride 2 padding 1 fp32",
                                 "weight gradient 24x8x8x1->4x4x32 4x4 stride 2 padding 1 fp32 weighted",
                                 "weight gradient 12x4x4x32->8x8x1 transposed 4x4 stride 2 padding 1 fp32"})
    EXPECT_NE(std::ranges::find(texts, text), texts.end()) << text << " is none of\n"
                                                           << testing::PrintToString(texts);
}

/// All that a convolution's kernel depends on is in its launch's words.
TEST(LayerPlan, AConvolutionsWordsAreItsOwn) {
  kernels::ConvolutionShape shape{.batch = 2,
                                  .fine = {9, 8, 6},
                                  .coarse_channels = 12,
                                  .kernel = 3,
                                  .stride = 2,
                                  .padding = 1,
                                  .groups = 3};
  EXPECT_EQ(to_string(launch_of(kernels::ConvolutionForward{.shape = shape}, 1)),
            "forward 2x9x8x6->5x4x12 3x3 stride 2 padding 1 groups 3 fp32");
  std::set<std::string> words;
  const auto add = [&] {
    words.insert(to_string(launch_of(kernels::ConvolutionForward{.shape = shape}, 1)));
  };
  add();
  shape.transposed = true, add();
  shape.groups = 1, add();
  shape.stride = 1, add();
  shape.padding = 0, add();
  shape.kernel = 1, add();
  shape.fine.channels = 17, shape.coarse_channels = 17, add();
  EXPECT_EQ(words.size(), 7u);
}

/// The choices of a launch of a program; nothing where the operation is none.
std::optional<LayerChoices> choices_of(const Operation& operation) {
  if (const auto* const op = operation.as<kernels::LinearForward>()) return LayerChoices{op->choice};
  if (const auto* const op = operation.as<kernels::LinearTangent>()) return LayerChoices{op->choice};
  if (const auto* const op = operation.as<kernels::LinearBackward>()) return LayerChoices{op->choice};
  if (const auto* const op = operation.as<kernels::LinearBackwardBeside>())
    return LayerChoices{op->op.choice, op->beside.choice};
  if (const auto* const op = operation.as<kernels::StepEndBeside>())
    return LayerChoices{op->gradients.op.choice, op->gradients.beside.choice};
  if (const auto* const op = operation.as<kernels::ConvolutionForward>()) return LayerChoices{op->choice};
  if (const auto* const op = operation.as<kernels::ConvolutionTangent>()) return LayerChoices{op->choice};
  if (const auto* const op = operation.as<kernels::ConvolutionBackward>()) return LayerChoices{op->choice};
  return {};
}

/// A plan of the step's launches, each with a choice of its own, is what the step's operations then hold;
/// their number.
int expect_answers(const GanConfig& config, std::int64_t micro_batch) {
  LayerPlan plan;
  std::uint8_t number = 0;
  for (const LayerLaunch& launch : step_launches(config, micro_batch, 2)) {
    LayerChoices choices{{LayerBackend::own, TileKind::medium, ++number}};
    if (launch.beside) choices.beside = {LayerBackend::own, TileKind::large, number};
    plan.set(launch, choices);
  }
  int answered = 0;
  const Program program =
      with_algorithms(step_program(config, micro_batch, DeviceKind::cuda).program, plan, 2);
  for (const Operation& operation : program.operations()) {
    const std::optional<LayerChoices> choices = choices_of(operation);
    if (!choices) continue;
    const std::vector<LayerLaunch> launch = launches_of(Program({operation}), 2);
    EXPECT_EQ(launch.size(), 1u);
    if (launch.size() != 1 || !plan.table().contains(launch[0])) {
      ADD_FAILURE() << operation.summary().name << " has no choice";
      continue;
    }
    EXPECT_EQ(*choices, plan.table().at(launch[0])) << to_string(launch[0]);
    ++answered;
  }
  return answered;
}

/// Whatever a step asks for, a plan of its launches answers: each launch with its own.
TEST(LayerPlan, AnswersEveryCallOfTheStep) {
  for (const auto& [generator, discriminator] :
       {std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>{{20, 40, 30, 3}, {3, 33, 24, 1}},
        {{20, 40, 30}, {30, 40, 1}},
        {{7, 5}, {5, 1}},
        {{9, 40, 40, 40, 17}, {17, 9, 40, 40, 1}}})
    for (const std::int64_t micro_batch : {12, 36}) {
      GanConfig config;
      config.batch = 36;
      config.penalties = {.r1 = 1, .r2 = 1};
      config.generator.widths = generator, config.discriminator.widths = discriminator;
      expect_answers(config, micro_batch);
    }
}

TEST(LayerPlan, AnswersEveryCallOfAStepOfImages) {
  for (const Residual residual : {Residual::none, Residual::add})
    EXPECT_GT(expect_answers(image_config(residual), 12), 6);
}

TEST(LayerPlan, TiesGoToTheFirst) {
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

TEST(LayerPlan, WhatIsLeftOutIsNotChosen) {
  EXPECT_EQ(best_of({{{}, 0, "wrong"}, {{}, 5}, {{}, 4}, {{}, 0, "refused"}}), 2u);
}

/// Of convolutions it is ours, with the tile and the pieces that the kernels take when they are not told.
TEST(LayerPlan, TheEstimateKnowsConvolutions) {
  for (const Residual residual : {Residual::none, Residual::add}) {
    const std::vector<LayerLaunch> launches = step_launches(image_config(residual), 12);
    const LayerPlan plan = estimated_plan(launches, 132);
    for (const LayerLaunch& launch : launches)
      if (launch.first.convolution) {
        const LayerChoices& choices = plan.table().at(launch);
        EXPECT_EQ(choices.first.by, LayerBackend::own) << to_string(launch);
        EXPECT_GE(choices.first.splits, 1) << to_string(launch);
        EXPECT_EQ(choices.beside, LayerChoice{}) << to_string(launch);
        EXPECT_EQ(parse_layer_choices(to_string(choices)), choices) << to_string(launch);
      }
  }
}

TEST(LayerPlan, TheEstimateNeedsNoDevice) {
  const std::vector<LayerLaunch> launches = step_launches(GanConfig(), 64);
  const LayerPlan plan = estimated_plan(launches, 132);
  for (const LayerLaunch& launch : launches) {
    const LayerChoices& choices = plan.table().at(launch);
    EXPECT_EQ(choices.first.by, LayerBackend::own) << to_string(launch);
    EXPECT_EQ(choices.beside.by, launch.beside ? LayerBackend::own : LayerBackend::automatic)
        << to_string(launch);
  }
  GanConfig large;
  large.generator.widths = {4096, 4096, 10};
  large.batch = 4096;
  const LayerLaunch first = step_launches(large, 4096).front();
  EXPECT_EQ(to_string(estimated_plan({first}, 132).table().at(first)), "library 0");
}

class TuningCaches : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "deep" / "plans.json";
};

TEST_F(TuningCaches, KeepWhatTheyAreTold) {
  EXPECT_TRUE(read_tuning_cache(path_).cache.devices.empty());
  EXPECT_EQ(read_tuning_cache(path_).warning, "");
  add_to_tuning_cache(path_, "one", {{"a", "own"}, {"b", "library 0"}});
  add_to_tuning_cache(path_, "two", {{"a", "own small 1"}});
  add_to_tuning_cache(path_, "one", {{"b", "own"}});
  const ReadCache cached = read_tuning_cache(path_);
  EXPECT_EQ(cached.warning, "");
  EXPECT_EQ(cached.cache.devices, (std::map<std::string, PlanTexts>{{"one", {{"a", "own"}, {"b", "own"}}},
                                                                    {"two", {{"a", "own small 1"}}}}));
  EXPECT_EQ(TuningCache::parse(cached.cache.json())->devices, cached.cache.devices);
}

TEST_F(TuningCaches, ThatAreDamagedAreNotUsed) {
  add_to_tuning_cache(path_, "one", {{"a", "own"}});
  for (const char* text : {"", "{", "[]", "{\"version\": 1}", "{\"version\": 2, \"devices\": {}}",
                           "{\"version\": 1, \"devices\": {\"one\": 3}}",
                           "{\"version\": 1, \"devices\": {\"one\": {\"a\": 3}}}"}) {
    std::ofstream(path_) << text;
    const ReadCache cached = read_tuning_cache(path_);
    EXPECT_TRUE(cached.cache.devices.empty()) << text;
    EXPECT_EQ(cached.warning, path_.string() + ": holds no plans of this version, and is not used") << text;
  }
  add_to_tuning_cache(path_, "one", {{"a", "own"}});  // in its place
  EXPECT_EQ(read_tuning_cache(path_).cache.devices.size(), 1u);
}

}  // namespace layer_plan_test
}  // namespace agon
