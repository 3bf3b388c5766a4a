// What is said of made-up trainings, and when.
#include "host/run/health.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <regex>

#include "host/config/assign.hpp"
#include "host/config/recipes.hpp"

namespace agon::host {
namespace health_test {

using Limits = HealthLimits;

StatsRow healthy(std::uint64_t sample) {
  return {{64 * sample, 1.3f, 0.8f, 0.55f, 0.45f},
          kernels::HealthSample{64 * sample, 0.4f, 0.9f, 0.1f, 0.2f, 0.7f, 0.9f, 0.2f, 0.8f}};
}

/// Warnings of `samples` health samples that are changed by `change` from sample `from` on (1 is the first).
std::vector<HealthWarning> said(int samples, int from, const std::function<void(StatsRow&)>& change,
                                HealthWatch watch = HealthWatch({})) {
  std::vector<HealthWarning> all;
  for (int i = 1; i <= samples; ++i) {
    StatsRow row = healthy(static_cast<std::uint64_t>(i));
    if (i >= from) change(row);
    for (HealthWarning& warning : watch.see(row)) all.push_back(std::move(warning));
  }
  return all;
}

struct Sick {
  Ailment ailment;
  std::function<void(StatsRow&)> change, not_yet;
  std::string says;
};

std::vector<Sick> sick_trainings() {
  return {
      {Ailment::certain, [](StatsRow& r) { r.health->saturated_real = 0.96f, r.health->saturated_fake = 1; },
       [](StatsRow& r) { r.health->saturated_real = 0.5f, r.health->saturated_fake = 1; },
       "D is certain of nearly every row (96% of the real ones, 100% of the fakes)"},
      {Ailment::collapse, [](StatsRow& r) { r.health->spread_mean = 0.1f; },
       [](StatsRow& r) { r.health->spread_mean = 0.26f, r.health->spread_least = 0.01f; },
       "vary by 10% of the table's"},
      {Ailment::collapse, [](StatsRow& r) { r.health->distance = 0.01f; },
       [](StatsRow& r) { r.health->distance = 0.11f; }, "at 1% of the distance of real ones"},
      {Ailment::exploding, [](StatsRow& r) { r.health->discriminator_gradient = 91; },
       [](StatsRow& r) { r.health->discriminator_gradient = 89; },
       "gradients explode: their norms are 0.4 in G and 91 in D"},
      {Ailment::exploding, [](StatsRow& r) { r.health->generator_gradient = 2e5f; },
       [](StatsRow& r) { r.health->generator_gradient = 80; }, "2e+05 in G"},
      {Ailment::vanishing, [](StatsRow& r) { r.health->generator_gradient = 9e-7f; },
       [](StatsRow& r) { r.health->generator_gradient = 2e-6f; }, "G's gradient vanishes: its norm is 9e-07"},
      {Ailment::runaway, [](StatsRow& r) { r.statistics.generator_loss = -1001; },
       [](StatsRow& r) { r.statistics.generator_loss = -999; }, "losses run away: 1.3 of D, -1e+03 of G"},
  };
}

TEST(Health, NothingIsSaidOfAHealthyCourse) {
  EXPECT_TRUE(said(500, 501, [](StatsRow&) {}).empty());
}

TEST(Health, EachAilmentIsSaidOnceAfterSoManyLooks) {
  for (const Sick& sick : sick_trainings()) {
    SCOPED_TRACE(sick.says);
    const auto warnings = said(200, 60, sick.change);
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_EQ(warnings[0].ailment, sick.ailment);
    EXPECT_EQ(warnings[0].step, 64u * (60 + Limits::kSamplesInARow - 1));
    EXPECT_NE(warnings[0].text.find(sick.says), std::string::npos) << warnings[0].text;
    EXPECT_TRUE(warnings[0].advice.starts_with("try ")) << warnings[0].advice;
    EXPECT_TRUE(said(60 + Limits::kSamplesInARow - 2, 60, sick.change).empty());
    EXPECT_TRUE(said(200, 60, sick.not_yet).empty());
  }
}

TEST(Health, WhatPassesByIsNoAilment) {
  for (const Sick& sick : sick_trainings()) {
    const auto often = [&](StatsRow& row) {
      if (row.health->step / 64 % Limits::kSamplesInARow != 0) sick.change(row);
    };
    EXPECT_TRUE(said(300, 60, often).empty()) << sick.says;
  }
}

TEST(Health, AnUntrainedGeneratorHasNotCollapsed) {
  const auto narrow = [](StatsRow& row) { row.health->spread_mean = 0.01f; };
  EXPECT_TRUE(
      said(static_cast<int>(Limits::kCollapseFrom / 64) + Limits::kSamplesInARow - 2, 1, narrow).empty());
  EXPECT_EQ(said(static_cast<int>(Limits::kCollapseFrom / 64) + Limits::kSamplesInARow - 1, 1, narrow).size(),
            1u);
}

TEST(Health, WhereThereIsNothingToCompareNothingIsSaid) {
  const auto nothing = [](StatsRow& row) {
    row.health->spread_least = row.health->spread_mean = row.health->shift_most = row.health->distance =
        std::nanf("");
  };
  EXPECT_TRUE(said(300, 1, nothing).empty());
}

TEST(Health, ACollapseLastsOrEnds) {
  HealthWatch watch({});
  const auto see = [&](std::uint64_t look, float spread) {
    StatsRow row = healthy(look);
    row.health->spread_mean = spread;
    watch.see(row);
  };
  std::uint64_t look = 100;
  for (int i = 0; i < Limits::kLastingSamples; ++i) {
    EXPECT_EQ(watch.collapsed_for(), i);
    see(look++, 0.01f);
  }
  EXPECT_EQ(watch.collapsed_for(), Limits::kLastingSamples);
  see(look++, 0.5f);
  EXPECT_EQ(watch.collapsed_for(), 0);
  EXPECT_EQ(watch.said().size(), 1u);
}

TEST(Health, WhereAugmentationIsAtItsMostDKnowsItsImagesByHeart) {
  GanConfig adaptive, fixed;
  adaptive.augmentation.mode = AugmentationMode::adaptive;
  fixed.augmentation = {.mode = AugmentationMode::fixed, .probability = 0.9};
  const auto most = [](StatsRow& row) { row.statistics.augmentation = kernels::kMostAdapted; };
  const auto warnings = said(200, 60, most, HealthWatch(adaptive));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].ailment, Ailment::memorising);
  EXPECT_NE(warnings[0].text.find("augmentation is at its most (0.8)"), std::string::npos);
  EXPECT_TRUE(said(200, 60, most, HealthWatch(fixed)).empty());
  EXPECT_TRUE(said(
                  200, 60, [](StatsRow& row) { row.statistics.augmentation = 0.79f; }, HealthWatch(adaptive))
                  .empty());
}

constexpr Ailment kAll[] = {Ailment::certain,   Ailment::collapse, Ailment::exploding,
                            Ailment::vanishing, Ailment::runaway,  Ailment::memorising};

/// Of a table of four columns, or of images.
GanConfig some_config(Settings settings) {
  constexpr std::uint64_t kSteps = 2000;
  if (settings.data.coding != "images") return gan_config(settings, 4, kSteps);
  const ImageShape shape{16, 16, 1};
  settle_image_layers(settings, shape);
  return gan_config(settings, shape, {}, kSteps);
}

/// Each "--flag value" of an advice is taken by every recipe, and changes it.
TEST(Health, AdviceCanBeTaken) {
  const std::regex flag("--([a-z0-9-]+) ([a-z0-9.-]+)(,|$)");
  for (const Recipe& recipe : recipes()) {
    const Settings before = recipe_settings(recipe.name);
    const GanConfig config = some_config(before);
    for (const Ailment ailment : kAll) {
      const std::string advice = advice_for(ailment, config);
      SCOPED_TRACE(std::string(recipe.name) + ": " + advice);
      for (std::sregex_iterator found(advice.begin(), advice.end(), flag), end; found != end; ++found) {
        Settings settings = before;
        const auto known = all_settings(settings);
        const auto setting = std::ranges::find(known, (*found)[1].str(), &Setting::flag);
        ASSERT_NE(setting, known.end());
        assign_text(*setting, (*found)[2].str(), "advice");
        EXPECT_NO_THROW(EXPECT_NE(some_config(settings), config)) << found->str();
      }
    }
  }
}

TEST(Health, AdviceKnowsTheTraining) {
  GanConfig config;
  EXPECT_EQ(
      advice_for(Ailment::certain, config),
      "try a lower --discriminator-rate, a smaller --discriminator-hidden, --real-label 0.9, or --r1 1");
  config.real_label = 0.9;
  EXPECT_EQ(advice_for(Ailment::collapse, config),  // relativistic has no labels to smooth
            "try a lower --generator-rate, a larger --batch, or several --replicas");
  config = {};
  config.objective = Objective::wasserstein;
  EXPECT_EQ(advice_for(Ailment::runaway, config), "try lower rates, --wgan-gp 10, or --clip-norm 1");
  config.penalties.wgan_gp = 10;
  config.clip_norm = 1;
  EXPECT_EQ(advice_for(Ailment::runaway, config), "try lower rates");
  config.rate_schedule = {.shape = kernels::RateShape::cosine, .steps = 300};
  EXPECT_EQ(advice_for(Ailment::exploding, config), "try lower rates");
}

TEST(Health, ALineIsJson) {
  const HealthWarning warning{4096, Ailment::collapse, "it \"fell\"", "try x"};
  EXPECT_EQ(health_line(warning), R"({"step":4096,"warning":"collapse","text":"it \"fell\"","try":"try x"})");
}

}  // namespace health_test
}  // namespace agon::host
