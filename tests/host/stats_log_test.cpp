// stats.jsonl: which steps are logged, and what is left of it when a run goes on.
#include "host/run/stats_log.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::host {
namespace stats_log_test {

using kernels::Objective;

std::vector<StepStatistics> steps(std::uint64_t first, std::uint64_t last) {
  std::vector<StepStatistics> all;
  for (std::uint64_t i = first; i <= last; ++i) all.push_back({i, 1.0f / 3, 0.1f, 0.5f, 0.25f});
  return all;
}

std::vector<std::uint64_t> logged_steps(const std::filesystem::path& path) {
  std::vector<std::uint64_t> all;
  for (const StepStatistics& s : read_stats(path)) all.push_back(s.step);
  return all;
}

using Steps = std::vector<std::uint64_t>;

TEST(StatsLog, LineIsExact) {
  EXPECT_EQ(stats_line({{30, 0.1f, 1.0f / 3, 1, 0}}, 442, 64, Objective::minimax),
            R"({"step": 30, "epoch": 4.344, "discriminator_loss": 0.1, "generator_loss": 0.33333334, )"
            R"("probability_real": 1, "probability_fake": 0})");
}

TEST(StatsLog, APenaltyIsLoggedWhereThereIsOne) {
  EXPECT_TRUE(
      stats_line({{1, 0, 0, 1, 0, 0.25f}}, 1, 1, Objective::minimax).ends_with(R"(, "penalty": 0.25})"));
  EXPECT_TRUE(stats_line({{1, 0, 0, 1, 0, std::nanf("")}}, 1, 1, Objective::minimax)
                  .ends_with(R"(, "penalty": null})"));
}

TEST(StatsLog, AnAugmentationsProbabilityIsLoggedWhereThereIsOne) {
  const test::TemporaryFolder folder;
  const std::string line = stats_line({{1, 0, 0, 1, 0, 0, 0.125f}}, 1, 1, Objective::minimax);
  EXPECT_TRUE(line.ends_with(R"(, "augmentation": 0.125})")) << line;
  test::put(folder / "s", line + "\n");
  EXPECT_EQ(read_stats(folder / "s").front().augmentation, 0.125f);
}

TEST(StatsLog, LogitsAreCalledSo) {
  const test::TemporaryFolder folder;
  for (const Objective objective :
       {Objective::hinge, Objective::least_squares, Objective::wasserstein, Objective::relativistic}) {
    const std::string line = stats_line({{30, 0.1f, 0.5f, 2.5f, -3}}, 442, 64, objective);
    EXPECT_EQ(line, R"({"step": 30, "epoch": 4.344, "discriminator_loss": 0.1, "generator_loss": 0.5, )"
                    R"("logit_real": 2.5, "logit_fake": -3})");
    test::put(folder / "s", line + "\n");
    const auto back = read_stats(folder / "s");
    ASSERT_EQ(back.size(), 1u);
    EXPECT_EQ(back[0].output_real, 2.5f);
    EXPECT_EQ(back[0].output_fake, -3.0f);
  }
}

TEST(StatsLog, TheWayBackKeepsEveryBit) {
  const test::TemporaryFolder folder;
  const StepStatistics strange{7, 1.17549435e-38f, -3.4028235e38f, 0.1f, std::nextafter(0.5f, 1.0f), 0.3f};
  test::put(folder / "s", stats_line({strange}, 3, 2, Objective::minimax) + "\n");
  const auto back = read_stats(folder / "s");
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].discriminator_loss, strange.discriminator_loss);
  EXPECT_EQ(back[0].generator_loss, strange.generator_loss);
  EXPECT_EQ(back[0].output_real, strange.output_real);
  EXPECT_EQ(back[0].output_fake, strange.output_fake);
  EXPECT_EQ(back[0].penalty, strange.penalty);
}

TEST(StatsLog, NotFiniteIsNull) {
  const test::TemporaryFolder folder;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::string line = stats_line({{1, kInfinity, std::nanf(""), 0, 0}}, 1, 1, Objective::minimax);
  EXPECT_NE(line.find(R"("discriminator_loss": null, "generator_loss": null)"), std::string::npos) << line;
  test::put(folder / "s", line + "\n");
  ASSERT_EQ(read_stats(folder / "s").size(), 1u);
  EXPECT_TRUE(std::isnan(read_stats(folder / "s")[0].generator_loss));
}

TEST(StatsLog, ALookIsInItsStepsLine) {
  const test::TemporaryFolder folder;
  const kernels::HealthSample look{64, 1.5f, 0.25f, 0.5f, 0.75f, 0.125f, 1, std::nanf(""), 2};
  const kernels::HealthSample early{3, 1, 1, 1, 1, 1, 1, 1, 1};
  {
    StatsLog log(folder / "s", 0, 10, 442, 64, Objective::minimax);
    log.append(steps(1, 62), std::vector{early});
    log.append(steps(63, 70), std::vector{look});
  }
  EXPECT_EQ(logged_steps(folder / "s"), (Steps{1, 3, 10, 20, 30, 40, 50, 60, 64, 70}));
  const std::string text = test::content_of(folder / "s");
  EXPECT_NE(
      text.find(
          R"("probability_fake": 0.25, "gradient_norm_generator": 1.5, "gradient_norm_discriminator": 0.25, )"
          R"("saturated_real": 0.5, "saturated_fake": 0.75, "spread_least": 0.125, "spread_mean": 1, )"
          R"("shift_most": null, "distance": 2})"
          "\n"),
      std::string::npos)
      << text;
  const StatsLog again(folder / "s", 69, 10, 442, 64, Objective::minimax);
  ASSERT_EQ(again.with_health().size(), 2u);
  const kernels::HealthSample& back = *again.with_health().back().health;
  EXPECT_EQ(back.step, 64u);
  EXPECT_EQ(back.generator_gradient, 1.5f);
  EXPECT_TRUE(std::isnan(back.shift_most));
  EXPECT_EQ(back.distance, 2.0f);
  EXPECT_EQ(again.logged().back().step, 64u);
}

TEST(StatsLog, SamePiecesOrNotSameFile) {
  const test::TemporaryFolder folder;
  {
    StatsLog whole(folder / "whole", 0, 10, 442, 64, Objective::minimax);
    whole.append(steps(1, 45));
    StatsLog pieces(folder / "pieces", 0, 10, 442, 64, Objective::minimax);
    for (std::uint64_t i = 1; i <= 45; ++i) pieces.append(steps(i, i));
  }
  EXPECT_EQ(logged_steps(folder / "whole"), (Steps{1, 10, 20, 30, 40}));
  EXPECT_EQ(test::content_of(folder / "whole"), test::content_of(folder / "pieces"));
}

TEST(StatsLog, GoesOnFromTheCheckpointsStep) {
  const test::TemporaryFolder folder;
  const auto path = folder / "s";
  { StatsLog(path, 0, 10, 442, 64, Objective::minimax).append(steps(1, 45)); }
  const std::string before = test::content_of(path);
  test::put(path, before + R"({"step": 50, "epo)");
  {
    StatsLog log(path, 25, 10, 442, 64, Objective::minimax);
    EXPECT_EQ(log.logged().size(), 3u);
    EXPECT_EQ(logged_steps(path), (Steps{1, 10, 20}));
    log.append(steps(26, 45));
  }
  EXPECT_EQ(test::content_of(path), before);
}

TEST(StatsLog, LineWithoutItsEndIsCutOff) {
  const test::TemporaryFolder folder;
  const auto path = folder / "s";
  const std::string line = stats_line({{1, 0, 0, 0, 0}}, 1, 1, Objective::minimax);
  test::put(path, line + "\n" + stats_line({{10, 0, 0, 0, 0}}, 1, 1, Objective::minimax));
  { const StatsLog log(path, 100, 10, 1, 1, Objective::minimax); }
  EXPECT_EQ(test::content_of(path), line + "\n");
}

TEST(StatsLog, WhatIsNoStatisticsEndsIt) {
  const test::TemporaryFolder folder;
  const std::string line = stats_line({{1, 0, 0, 0, 0}}, 1, 1, Objective::minimax) + "\n";
  for (const char* junk : {"\n", "[]\n", "{\"step\": 2}\n", "{\"step\": \"2\"}\n", "x\n"}) {
    test::put(folder / "s", line + junk + line);
    EXPECT_EQ(read_stats(folder / "s").size(), 1u) << junk;
  }
  EXPECT_TRUE(read_stats(folder / "none").empty());
}

TEST(StatsLog, FailureNamesTheFile) {
  const test::TemporaryFolder folder;
  try {
    StatsLog log(folder / "none/s", 0, 10, 1, 1, Objective::minimax);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("none/s: cannot write: "), std::string::npos) << error.what();
  }
}

}  // namespace stats_log_test
}  // namespace agon::host
