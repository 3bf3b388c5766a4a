// Shadow runs are trainings of their own, however they are grouped.
#include "host/run/shadows.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>

namespace agon::test {
namespace shadows_test {

GanConfig small_config() {
  GanConfig config;
  config.generator = {{4, 8, 2}, 0.2f};
  config.discriminator = {{2, 8, 1}, 0.2f};
  config.batch = 8;
  config.seed = 20;
  return config;
}

host::TableRows rows_of_shadow(int shadow) {
  std::mt19937 engine(static_cast<unsigned>(shadow));
  std::normal_distribution<float> normal;
  host::TableRows rows{30, std::vector<float>(60), {}};
  for (float& value : rows.standardised) value = normal(engine);
  return rows;
}

host::ShadowRequest request_for(std::map<int, std::vector<float>>& weights) {
  host::ShadowRequest request;
  request.config = small_config();
  request.steps = 20;
  request.shadows = 5;
  request.rows = rows_of_shadow;
  request.trained = [&weights](const Gan& gan, int replica, int shadow) {
    EXPECT_EQ(gan.steps(replica), 20u);
    weights[shadow] = gan.parameter("discriminator.0.weight", replica);
  };
  return request;
}

TEST(Shadows, AreTrainingsOfTheirOwnInAnyGroup) {
  for (const int threads : {1, 2}) {  // one at a time; two, one of them alone at the end
    std::map<int, std::vector<float>> weights;
    double expected = 0;
    host::ShadowRequest request = request_for(weights);
    request.expects = [&](double seconds) { expected = seconds; };
    const host::ShadowResult result = host::train_shadows(request, Device::cpu(threads));
    EXPECT_FALSE(result.interrupted);
    EXPECT_TRUE(result.diverged.empty());
    EXPECT_GT(expected, 0);
    ASSERT_EQ(weights.size(), 5u);
    for (const auto& [shadow, its] : weights) {
      GanConfig config = small_config();
      config.seed += static_cast<std::uint64_t>(shadow);
      Gan alone(config, Device::cpu(1));
      alone.set_data(rows_of_shadow(shadow).standardised, 30);
      alone.train(20);
      EXPECT_EQ(alone.parameter("discriminator.0.weight"), its) << shadow << ", threads " << threads;
    }
  }
}

TEST(Shadows, ThatDivergeAreNamedAndNotHandedOver) {
  std::map<int, std::vector<float>> weights;
  host::ShadowRequest request = request_for(weights);
  request.config.objective = Objective::least_squares;  // the square of a huge logit is infinite
  request.rows = [](int shadow) {
    host::TableRows rows = rows_of_shadow(shadow);
    if (shadow == 2) rows.standardised.assign(60, std::numeric_limits<float>::max());
    return rows;
  };
  const host::ShadowResult result = host::train_shadows(request, Device::cpu(2));
  EXPECT_EQ(result.diverged, std::vector<int>{2});
  EXPECT_EQ(weights.size(), 4u);
  EXPECT_FALSE(weights.contains(2));
}

}  // namespace shadows_test
}  // namespace agon::test
