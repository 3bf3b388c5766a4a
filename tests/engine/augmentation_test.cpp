// Augmentation in a training: its probability in closed form, the way on from a checkpoint and back from a
// divergence, what else a step does beside it. Whole games with it: image_golden_test.cpp.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/checkpoint/checkpoint.hpp"
#include "kernels/augment.hpp"
#include "kernels/error.hpp"
#include "tests/engine/error_of.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace augmentation_test {

using test::expect_same_bits, test::ready, test::trained;

/// Images of 8 x 8, whose sides are the least that a translation moves.
GanConfig of_images(Augmentation augmentation) {
  GanConfig config;
  const auto layout = [](ImageRole role) { return ImageLayout{.role = role, .shape = {8, 8, 1}}; };
  config.generator = {
      .widths = {4, 5, 1}, .output = ActivationKind::tanh, .images = layout(ImageRole::makes)};
  config.discriminator = {.widths = {1, 4, 1}, .images = layout(ImageRole::reads)};
  config.batch = 8;
  config.augmentation = augmentation;
  return config;
}

/// Moves by a quarter each step.
constexpr Augmentation kAdaptive{.mode = AugmentationMode::adaptive, .images = 32};
constexpr Augmentation kFixed{
    .mode = AugmentationMode::fixed, .probability = 0.5, .flip = true, .cutout = true};

class AugmentationOf : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, AugmentationOf, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

/// D, which does not learn, gives every image one logit: that of its last bias.
Gan with_logit(GanConfig config, const Device& device, float logit) {
  config.discriminator_rate = 0;
  Gan gan = ready(config, device);
  gan.set_parameter("discriminator.1.weight", std::vector<float>(64, 0.0f));
  gan.set_parameter("discriminator.1.bias", std::vector<float>{logit});
  return gan;
}

TEST_P(AugmentationOf, ItsProbabilityFollowsTheSignsOfRealImages) {
  Gan certain = with_logit(of_images(kAdaptive), device(), 3),
      blind = with_logit(of_images(kAdaptive), device(), -3);
  certain.train(5), blind.train(2);
  const auto rises = certain.statistics();
  ASSERT_EQ(rises.size(), 5u);
  for (const StepStatistics& row : rises)
    EXPECT_EQ(row.augmentation, std::min(0.25f * static_cast<float>(row.step), kernels::kMostAdapted));
  EXPECT_EQ(certain.snapshot().augmentation, kernels::kMostAdapted);
  for (const StepStatistics& row : blind.statistics()) EXPECT_EQ(row.augmentation, 0.0f);
  certain.set_parameter("discriminator.1.bias", std::vector<float>{-3});
  certain.train(2);
  EXPECT_EQ(certain.snapshot().augmentation, kernels::kMostAdapted - 0.25f - 0.25f);
}

/// All logits are alike, so they have no sign beside their mean, wherever that is.
TEST_P(AugmentationOf, WhereLogitsMeanNothingByThemselvesTheirMeanIsTheMiddle) {
  for (const Objective objective :
       {Objective::relativistic, Objective::wasserstein, Objective::least_squares}) {
    GanConfig config = of_images(kAdaptive);
    config.objective = objective;
    Gan gan = with_logit(config, device(), 3);
    gan.train(1);
    EXPECT_EQ(gan.snapshot().augmentation, 0.0f) << to_string(objective);
  }
}

TEST_P(AugmentationOf, FixedStaysAsItIs) {
  const Gan gan = trained(of_images(kFixed), device(), 2);
  for (const StepStatistics& row : gan.statistics()) EXPECT_EQ(row.augmentation, 0.5f);
  EXPECT_EQ(gan.snapshot().augmentation, 0.0f);  // nothing to keep
}

/// Also where the steps are launched otherwise. The simulated device takes a second for some steps.
TEST_P(AugmentationOf, GoesOnFromACheckpointToTheBit) {
  for (const Augmentation& augmentation : {kAdaptive, kFixed})
    for (const Objective objective : {Objective::non_saturating, Objective::relativistic}) {
      if (test::simulated() && (!augmentation.adapts() || objective != Objective::relativistic)) continue;
      GanConfig config = of_images(augmentation);
      config.objective = objective;
      config.discriminator_rate = 0.01;
      config.penalties.r1 = 0.5;
      const Gan whole = trained(config, device(), 6);
      const Gan first = trained(config, device(), 4);
      const Checkpoint read =
          parse_checkpoint(serialize_checkpoint({config, first.snapshot(), "cpu", 1, {}}));
      EXPECT_EQ(read.snapshot.augmentation, first.snapshot().augmentation);
      Gan second = ready(config, device(), 1, {.steps_per_launch = LoopOptions::kByOperation});
      second.restore(read.snapshot);
      EXPECT_EQ(second.train(2), 2u);
      expect_same_bits(second.snapshot(), whole.snapshot());
      EXPECT_EQ(second.snapshot().augmentation, whole.snapshot().augmentation);
      EXPECT_EQ(second.statistics().back().augmentation, whole.statistics().back().augmentation);
    }
}

TEST_P(AugmentationOf, IsEachReplicasOwn) {
  GanConfig config = of_images(kAdaptive);
  config.discriminator_rate = 0.01;
  const Gan together = trained(config, device(), 3, 2);
  for (int r = 0; r < 2; ++r) {
    const Gan alone = trained(config, device(), 3);
    expect_same_bits(together.snapshot(r), alone.snapshot());
    EXPECT_EQ(together.snapshot(r).augmentation, alone.snapshot().augmentation);
    ++config.seed;
  }
}

/// The copy of before the first step.
TEST_P(AugmentationOf, GoesBackWithTheWeightsWhereTheRunDiverged) {
  GanConfig config = of_images(kAdaptive);
  config.penalties.r1 = 1;
  Gan gan = with_logit(config, device(), 3);
  EXPECT_EQ(gan.train(2), 2u);
  EXPECT_EQ(gan.snapshot().augmentation, 0.5f);
  gan.set_parameter("discriminator.1.bias", std::vector<float>{std::numeric_limits<float>::infinity()});
  gan.train(2);
  EXPECT_TRUE(gan.diverged());
  EXPECT_EQ(gan.steps(), 0u);
  EXPECT_EQ(gan.snapshot().augmentation, 0.0f);
}

/// Noise too weak to change a number: the fakes that G is told of are still those that it made.
TEST_P(AugmentationOf, InstanceNoiseComesOnTop) {
  GanConfig config = of_images(kFixed);
  config.objective = Objective::relativistic;
  const Gan plain = trained(config, device(), 2);
  config.instance_noise.deviation = 1e-30;
  expect_same_bits(trained(config, device(), 2).snapshot(), plain.snapshot());
  config.instance_noise.deviation = 0.1;
  EXPECT_NE(trained(config, device(), 2).snapshot().tensors[0].value, plain.snapshot().tensors[0].value);
}

/// An image's numbers are by its place in the batch, however that is cut. Of D's last bias the gradient is 0
/// but for rounding.
TEST_P(AugmentationOf, OfABatchInPartsIsNearlyTheWholes) {
  GanConfig config = of_images(kFixed);
  config.objective = Objective::relativistic;
  config.penalties = {.r1 = 1, .r2 = 1};
  const Gan whole = trained(config, device(), 2);
  config.micro_batch = 4;
  const Gan parts = trained(config, device(), 2);
  const auto a = whole.snapshot().tensors, b = parts.snapshot().tensors;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].name == "discriminator.1.bias") continue;
    for (std::size_t e = 0; e < a[i].value.size(); ++e)
      ASSERT_NEAR(a[i].value[e], b[i].value[e], 2e-5) << a[i].name;
  }
}

TEST(Augmentation, WhatCannotBeIsRefused) {
  const auto complaint = [](Augmentation augmentation, bool images = true) -> std::string {
    GanConfig config = of_images({});
    if (!images) config = {};
    config.augmentation = augmentation;
    try {
      config.validate();
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return "accepted";
  };
  using enum AugmentationMode;
  EXPECT_EQ(complaint({}), "accepted");
  EXPECT_EQ(complaint({.mode = adaptive}), "accepted");
  EXPECT_EQ(complaint({.mode = fixed, .probability = 1}), "accepted");
  EXPECT_EQ(complaint({.mode = adaptive}, /*images=*/false),
            "augmentation: moves and recolours images, which records are not; --augment none");
  EXPECT_EQ(
      complaint({.mode = fixed}),
      "augmentation: fixed at probability 0 it does nothing; --augment-probability 0.3, or --augment none");
  for (const AugmentationMode mode : {none, adaptive})
    EXPECT_EQ(complaint({.mode = mode, .probability = 0.3}),
              "augmentation: a probability is given where it is fixed, and else none; --augment fixed");
  EXPECT_EQ(complaint({.mode = fixed, .probability = 1.5}),
            "augmentation.probability: 1.5 is not between 0 and 1");
  EXPECT_EQ(complaint({.mode = adaptive, .target = 0}), "augmentation.target: 0 is not in (0, 1]");
  EXPECT_EQ(complaint({.mode = adaptive, .images = 0}), "augmentation.images: 0 is not between 1 and 1e+12");
  EXPECT_EQ(complaint({.mode = adaptive, .translation = false, .colour = false}),
            "augmentation: without flip, translation, colour and cutout it does nothing; --augment none");
}

TEST(Augmentation, ACheckpointHasAProbabilityThatCanBe) {
  const GanConfig config = of_images(kAdaptive);
  Checkpoint checkpoint{config, Gan(config, Device::cpu(1)).snapshot(), "cpu", 1, {}};
  checkpoint.snapshot.augmentation = 0.7f;
  EXPECT_EQ(parse_checkpoint(serialize_checkpoint(checkpoint)).snapshot.augmentation, 0.7f);
  for (const float wrong : {0.9f, std::numeric_limits<float>::infinity(), std::nanf("")}) {
    checkpoint.snapshot.augmentation = wrong;
    EXPECT_NE(
        test::error_of([&] { parse_checkpoint(serialize_checkpoint(checkpoint)); }).find("agon.augmentation"),
        std::string::npos)
        << wrong;
  }
  checkpoint.config.augmentation = kFixed;  // keeps none
  EXPECT_EQ(parse_checkpoint(serialize_checkpoint(checkpoint)).snapshot.augmentation, 0.0f);
}

}  // namespace augmentation_test
}  // namespace agon
