// The Gan's public face: steps, samples, parameters by name, exact resume.
#include "engine/training/gan.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "kernels/error.hpp"
#include "tests/test_device.hpp"

namespace agon {
namespace {

GanConfig small_config() {
  GanConfig config;
  config.generator = {{5, 17, 9, 3}, 0.2f};
  config.discriminator = {{3, 11, 1}, 0.2f};
  config.batch = 6;
  config.seed = 42;
  return config;
}

std::vector<float> normal_numbers(std::int64_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(engine);
  return values;
}

Gan trained(const GanConfig& config, const Device& device, std::vector<std::uint64_t> pieces) {
  Gan gan(config, device);
  const std::int64_t rows = 31;
  gan.set_data(normal_numbers(rows * config.width(), 7), rows);
  for (const std::uint64_t piece : pieces) gan.train(piece);
  return gan;
}

void expect_same_bits(const Gan& a, const Gan& b) {
  const Gan::Snapshot left = a.snapshot(), right = b.snapshot();
  EXPECT_EQ(left.step, right.step);
  EXPECT_EQ(left.generator_updates, right.generator_updates);
  EXPECT_EQ(left.discriminator_updates, right.discriminator_updates);
  ASSERT_EQ(left.tensors.size(), right.tensors.size());
  for (std::size_t i = 0; i < left.tensors.size(); ++i) {
    EXPECT_EQ(left.tensors[i].value, right.tensors[i].value) << left.tensors[i].name;
    EXPECT_EQ(left.tensors[i].moment1, right.tensors[i].moment1) << left.tensors[i].name;
    EXPECT_EQ(left.tensors[i].moment2, right.tensors[i].moment2) << left.tensors[i].name;
  }
}

class GanTest : public testing::TestWithParam<test::TestDevice> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(GetParam()); }
  static Device device() { return GetParam().get(); }
};
INSTANTIATE_TEST_SUITE_P(Devices, GanTest, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

TEST_P(GanTest, NamesItsParametersInLayerOrder) {
  const Gan gan(small_config(), device());
  std::vector<std::string> names;
  for (const TensorView& view : gan.parameters()) names.push_back(view.name);
  EXPECT_EQ(names, (std::vector<std::string>{"generator.0.weight", "generator.0.bias", "generator.1.weight",
                                             "generator.1.bias", "generator.2.weight", "generator.2.bias",
                                             "discriminator.0.weight", "discriminator.0.bias",
                                             "discriminator.1.weight", "discriminator.1.bias"}));
  EXPECT_EQ(gan.parameters()[2].shape, (std::vector<std::int64_t>{9, 17}));
}

TEST_P(GanTest, StartsFromUniformWeightsWithinTheirBoundAndUnlikeEachOther) {
  GanConfig config = small_config();
  config.generator.widths = {100, 128, 3};
  config.discriminator.widths = {3, 100, 128, 1};
  const Gan gan(config, device());
  const auto weights = gan.parameter("generator.0.weight");
  double sum = 0, squares = 0;
  for (const float weight : weights) {
    EXPECT_LE(std::abs(weight), 0.1f);
    sum += weight;
    squares += weight * weight;
  }
  const double n = static_cast<double>(weights.size());
  EXPECT_NEAR(sum / n, 0.0, 4 * 0.1 / std::sqrt(3 * n));
  EXPECT_NEAR(squares / n, 0.01 / 3, 1e-4);
  EXPECT_NE(weights, gan.parameter("discriminator.1.weight"));
  EXPECT_EQ(weights, Gan(config, device()).parameter("generator.0.weight"));
  config.seed = 43;
  EXPECT_NE(weights, Gan(config, device()).parameter("generator.0.weight"));
}

TEST_P(GanTest, KeepsWhatIsSetByName) {
  Gan gan(small_config(), device());
  const auto neighbour = gan.parameter("discriminator.0.bias");
  const auto values = normal_numbers(33, 3);
  gan.set_parameter("discriminator.0.weight", values);
  EXPECT_EQ(gan.parameter("discriminator.0.weight"), values);
  EXPECT_EQ(gan.parameter("discriminator.0.bias"), neighbour);
  EXPECT_THROW(gan.set_parameter("discriminator.0.weight", normal_numbers(32, 3)), ConfigurationError);
  EXPECT_THROW(gan.parameter("generator.7.weight"), ConfigurationError);
}

TEST_P(GanTest, ARunInPiecesIsTheRunInOnePiece) {
  const GanConfig config = small_config();
  expect_same_bits(trained(config, device(), {40}), trained(config, device(), {1, 7, 2, 30}));
}

TEST_P(GanTest, AResumedRunIsTheUninterruptedRun) {
  const GanConfig config = small_config();
  const Gan whole = trained(config, device(), {40});
  const Gan first = trained(config, device(), {23});
  Gan second(config, device());
  second.restore(first.snapshot());
  second.set_data(normal_numbers(31 * 3, 7), 31);
  EXPECT_EQ(second.train(17), 17u);
  expect_same_bits(whole, second);
  EXPECT_EQ(whole.sample(50, 5), second.sample(50, 5));
  const auto statistics = second.statistics();
  ASSERT_EQ(statistics.size(), 17u);
  EXPECT_EQ(statistics.front().step, 24u);
  EXPECT_EQ(statistics.back().step, 40u);
  EXPECT_EQ(statistics.back().generator_loss, whole.statistics().back().generator_loss);
}

TEST_P(GanTest, TheSeedChangesTheRun) {
  GanConfig config = small_config();
  const Gan first = trained(config, device(), {3});
  config.seed = 44;
  EXPECT_NE(first.parameter("generator.2.weight"),
            trained(config, device(), {3}).parameter("generator.2.weight"));
}

TEST_P(GanTest, SamplesDependOnSeedAndRowAlone) {
  const Gan gan = trained(small_config(), device(), {5});
  const auto all = gan.sample(2500, 9);
  ASSERT_EQ(all.size(), 7500u);
  EXPECT_EQ(gan.sample(100, 9), std::vector<float>(all.begin(), all.begin() + 300));
  EXPECT_EQ(gan.sample(Gan::Rows{1000, 100}, 9), std::vector<float>(all.begin() + 3000, all.begin() + 3300));
  EXPECT_NE(gan.sample(100, 10), gan.sample(100, 9));
  EXPECT_TRUE(gan.sample(0, 9).empty());
}

TEST_P(GanTest, StepOnTheCallersBatchReportsItsStatistics) {
  Gan gan(small_config(), device());
  const auto batch = normal_numbers(6 * 3, 1), noise = normal_numbers(2 * 6 * 5, 2);
  const auto fakes = gan.generate(std::span(noise).first(30));
  double probability = 0, loss = 0;
  for (const float logit : gan.discriminate(batch)) loss += std::log1p(std::exp(-logit)) / 6;
  for (const float logit : gan.discriminate(fakes)) {
    loss += std::log1p(std::exp(logit)) / 6;
    probability += 1 / (1 + std::exp(-logit)) / 6;
  }
  const StepStatistics statistics = gan.step(batch, noise);
  EXPECT_EQ(statistics.step, 1u);
  EXPECT_EQ(gan.steps(), 1u);
  EXPECT_NEAR(statistics.discriminator_loss, loss, 1e-5);
  EXPECT_NEAR(statistics.probability_fake, probability, 1e-6);
  EXPECT_THROW(gan.step(noise, batch), ConfigurationError);
}

TEST_P(GanTest, StopsAndSaysSoWhenALossIsNotFinite) {
  Gan gan = trained(small_config(), device(), {10});
  EXPECT_FALSE(gan.diverged());
  gan.set_parameter("generator.2.bias", std::vector<float>(3, std::numeric_limits<float>::quiet_NaN()));
  EXPECT_LT(gan.train(100), 100u);
  EXPECT_TRUE(gan.diverged());
  EXPECT_EQ(gan.train(5), 0u);
}

TEST_P(GanTest, RefusesASnapshotOfAnotherNetwork) {
  GanConfig other = small_config();
  other.generator.widths[1] = 18;
  Gan gan(small_config(), device());
  const auto before = gan.parameter("generator.0.weight");
  EXPECT_THROW(gan.restore(Gan(other, device()).snapshot()), ConfigurationError);
  EXPECT_EQ(gan.parameter("generator.0.weight"), before);
}

TEST(GanConfigTest, NamesTheValueThatCannotBe) {
  const auto complaint = [](auto change) -> std::string {
    GanConfig config = small_config();
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
}

}  // namespace
}  // namespace agon
