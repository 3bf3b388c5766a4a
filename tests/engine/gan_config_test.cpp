// What a GanConfig may hold.
#include "engine/training/config.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "kernels/error.hpp"

namespace agon {
namespace {

TEST(GanConfig, NamesTheValueThatCannotBe) {
  const auto complaint = [](auto change) -> std::string {
    GanConfig config;
    change(config);
    try {
      config.validate();
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(complaint([](GanConfig&) {}), "accepted");
  EXPECT_NE(complaint([](GanConfig& c) { c.batch = 0; }).find("batch: 0"), std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.beta1 = 1.0; }).find("beta1"), std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.generator.slope = -0.1f; }).find("generator: slope"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.discriminator.widths[0] = 4; }).find("differs"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.discriminator.widths.back() = 2; }).find("one logit"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.generator_rate = std::nan(""); }).find("rate"), std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.real_label = 0; }).find("real label"), std::string::npos);
  for (const Objective objective : {Objective::hinge, Objective::wasserstein, Objective::relativistic}) {
    EXPECT_EQ(complaint([&](GanConfig& c) { c.objective = objective; }), "accepted");
    EXPECT_NE(complaint([&](GanConfig& c) { c.objective = objective, c.real_label = 0.9; }).find("no labels"),
              std::string::npos);
  }
  EXPECT_NE(complaint([](GanConfig& c) { c.rate_schedule.final_fraction = 1.1; }).find("final rate"),
            std::string::npos);
  EXPECT_NE(
      complaint([](GanConfig& c) { c.rate_schedule.shape = kernels::RateShape::linear; }).find("warm-up"),
      std::string::npos);
  EXPECT_EQ(complaint([](GanConfig& c) { c.rate_schedule.warmup_steps = 1000; }), "accepted");
}

}  // namespace
}  // namespace agon
