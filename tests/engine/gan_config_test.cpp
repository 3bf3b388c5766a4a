// What a GanConfig may hold.
#include "engine/gan/config.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "engine/gan/config_fields.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace gan_config_test {

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
  EXPECT_NE(complaint([](GanConfig& c) { c.beta1 = 1.0; }).find("beta1: 1 is not in [0, 1)"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) {
              c.generator.slope = -0.1f;
            }).find("generator.slope: -0.1 is not between 0 and 1"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.discriminator.widths[0] = 4; }).find("differs"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.discriminator.widths.back() = 2; }).find("one logit"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) {
              c.generator_rate = std::nan("");
            }).find("generator_rate: nan is not a finite number >= 0"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.real_label = 0; }).find("real_label: 0 is not in (0, 1]"),
            std::string::npos);
  for (const Objective objective : {Objective::hinge, Objective::wasserstein, Objective::relativistic}) {
    EXPECT_EQ(complaint([&](GanConfig& c) { c.objective = objective; }), "accepted");
    EXPECT_NE(complaint([&](GanConfig& c) { c.objective = objective, c.real_label = 0.9; }).find("no labels"),
              std::string::npos);
  }
  EXPECT_NE(complaint([](GanConfig& c) {
              c.rate_schedule.final_fraction = 1.1;
            }).find("rate_schedule.final_fraction: 1.1"),
            std::string::npos);
  EXPECT_EQ(complaint([](GanConfig& c) { c.burn_in.final_penalty = 1.5; }),
            "burn_in.final_penalty: 1.5 is not between 0 and 1");
  EXPECT_EQ(complaint([](GanConfig& c) { c.burn_in.final_beta2 = 1; }),
            "burn_in.final_beta2: 1 is not in [0, 1)");
  EXPECT_EQ(complaint([](GanConfig& c) { c.burn_in = {10, 0, 0.99}; }), "accepted");
  EXPECT_NE(
      complaint([](GanConfig& c) { c.rate_schedule.shape = kernels::RateShape::linear; }).find("warm-up"),
      std::string::npos);
  EXPECT_EQ(complaint([](GanConfig& c) { c.rate_schedule.warmup_steps = 1000; }), "accepted");
}

TEST(Bounds, EndsAreInOrOutAsTheySay) {
  EXPECT_TRUE(Bounds::between(0, 1).hold(0.0) && Bounds::between(0, 1).hold(1.0));
  EXPECT_TRUE(Bounds::above(0, 1).hold(1.0) && Bounds::below(0, 1).hold(0.0));
  EXPECT_FALSE(Bounds::above(0, 1).hold(0.0) || Bounds::below(0, 1).hold(1.0));
  EXPECT_FALSE(Bounds{}.hold(INFINITY) || Bounds{}.hold(-INFINITY) || Bounds{}.hold(NAN));
  EXPECT_TRUE(Bounds::from(0).hold(UINT64_MAX) && Bounds::from(-1).hold(std::int64_t{-1}));
  EXPECT_FALSE(Bounds::from(0).hold(std::int64_t{-1}) ||
               Bounds::between(0, 1LL << 53).hold((std::int64_t{1} << 53) + 1));
}

struct Anything {
  template <class T>
  operator T() const;
};

/// As many initialisers as a struct takes.
template <class Struct, class... Given>
consteval std::size_t members() {
  if constexpr (requires { Struct{Given{}..., Anything{}}; })
    return members<Struct, Given..., Anything>();
  else
    return sizeof...(Given);
}

TEST(GanConfig, EveryMemberHasItsField) {
  constexpr std::size_t kStructs = 7;
  GanConfig config;
  std::set<const void*> visited;
  std::set<std::string_view> paths;
  visit_fields(config, [&](const Field& field, auto& member) {
    visited.insert(&member);
    paths.insert(field.path);
  });
  constexpr std::size_t kRecords = 3;  // G's, which are structs of two levels, and D's, which has none
  constexpr std::size_t kClasses = 1;  // D's alone
  EXPECT_EQ(visited.size(), members<GanConfig>() - kStructs + 2 * members<NetworkSpec>() +
                                members<RecordLayout>() + members<RecordConditions>() - kRecords +
                                2 * (members<ImageLayout>() + members<ImageShape>() - 2) - kClasses +
                                members<kernels::RateSchedule>() + members<kernels::BurnIn>() +
                                members<Penalties>() + members<InstanceNoise>() + members<Augmentation>());
  EXPECT_EQ(paths.size(), visited.size());
}

}  // namespace gan_config_test
}  // namespace agon
