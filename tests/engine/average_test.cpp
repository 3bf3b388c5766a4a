// The exponential moving average of the generator's weights: what it is, what draws from it, and that it
// lives through all that weights live through.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/checkpoint/checkpoint.hpp"
#include "kernels/error.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace average_test {

using test::distance, test::expect_same_bits, test::normal_numbers, test::ready, test::trained;

GanConfig averaged(std::uint64_t seed = 3) {
  GanConfig config;
  config.generator = {{5, 17, 9, 3}, 0.2f};
  config.discriminator = {{3, 20, 18, 1}, 0.2f};
  config.batch = 8;
  config.seed = seed;
  config.generator_rate = 5e-3;
  config.ema_samples = 4;  // half a step: reached after ten
  return config;
}

GanConfig without(GanConfig config) {
  config.ema_samples = 0;
  return config;
}

class Average : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, Average, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

TEST_P(Average, IsWhatItsHalfLifeMakesOfTheWeightsOfEveryStep) {
  for (const double samples : {4.0, 1e6}) {
    GanConfig config = averaged();
    config.ema_samples = samples;
    Gan gan = ready(config, device());
    std::vector<std::vector<double>> expected;
    for (const auto& tensor : gan.snapshot().tensors) {
      EXPECT_EQ(tensor.average.empty(), tensor.name.starts_with("discriminator."));
      if (!tensor.average.empty()) {
        EXPECT_EQ(tensor.average, tensor.value);
      }
      expected.emplace_back(tensor.value.begin(), tensor.value.end());
    }
    for (int t = 1; t <= 30; ++t) {
      ASSERT_EQ(gan.train(1), 1u);
      const auto snapshot = gan.snapshot();
      const double keep = std::pow(0.5, 1 / std::min(samples / 8, 0.05 * t));
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto& tensor = snapshot.tensors[i];
        if (tensor.average.empty()) continue;
        for (std::size_t j = 0; j < expected[i].size(); ++j) {
          expected[i][j] = keep * expected[i][j] + (1 - keep) * double{tensor.value[j]};
          ASSERT_NEAR(tensor.average[j], expected[i][j], 2e-7) << tensor.name << " after " << t;
        }
      }
    }
    const auto last = gan.snapshot().tensors[0];
    EXPECT_GT(distance(last.average, last.value), 1e-4);
  }
}

TEST_P(Average, ChangesNothingThatIsTrained) {
  const Gan with = trained(averaged(), device(), 20), plain = trained(without(averaged()), device(), 20);
  const auto a = with.snapshot(), b = plain.snapshot();
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    EXPECT_EQ(a.tensors[i].value, b.tensors[i].value);
    EXPECT_EQ(a.tensors[i].moment1, b.tensors[i].moment1);
    EXPECT_EQ(a.tensors[i].moment2, b.tensors[i].moment2);
    EXPECT_TRUE(b.tensors[i].average.empty());
  }
}

TEST_P(Average, IsWhatIsDrawnFromUnlessTheLastWeightsAreAskedFor) {
  Gan gan = trained(averaged(), device(), 20);
  Gan plain = trained(without(averaged()), device(), 20);
  Gan other(without(averaged()), device());
  for (const auto& tensor : gan.snapshot().tensors)
    if (!tensor.average.empty()) other.set_parameter(tensor.name, tensor.average);
  const auto noise = normal_numbers(10 * 5, 3);
  EXPECT_EQ(gan.drawn_from(), Weights::average);
  EXPECT_EQ(gan.sample(1030, 9), other.sample(1030, 9));
  EXPECT_EQ(gan.generate(noise), other.generate(noise));
  EXPECT_NE(gan.sample(10, 9), plain.sample(10, 9));
  gan.draw_from(Weights::last);
  EXPECT_EQ(gan.sample(10, 9), plain.sample(10, 9));
  EXPECT_EQ(gan.generate(noise), plain.generate(noise));
  gan.draw_from(Weights::average);
  EXPECT_EQ(gan.generate(noise), other.generate(noise));
  EXPECT_EQ(plain.drawn_from(), Weights::last);
  EXPECT_THROW(plain.draw_from(Weights::average), ConfigurationError);
}

TEST_P(Average, GoesOnWhereItWas) {
  const Gan whole = trained(averaged(), device(), 25);
  const GanConfig config = averaged();
  const Gan first = trained(config, device(), 11);
  const Checkpoint read = parse_checkpoint(serialize_checkpoint({config, first.snapshot(), "cpu", 1, {}}));
  expect_same_bits(read.snapshot, first.snapshot());
  Gan second = ready(config, device());
  second.restore(read.snapshot);
  EXPECT_EQ(second.sample(5, 2), first.sample(5, 2));
  EXPECT_EQ(second.train(14), 14u);
  expect_same_bits(second, whole);
  EXPECT_EQ(second.sample(20, 5), whole.sample(20, 5));
}

TEST_P(Average, IsEachReplicasOwnHoweverStepsAreLaunched) {
  const Gan together = trained(averaged(40), device(), 9, 3);
  const Gan one_by_one =
      trained(averaged(40), device(), 9, 3, {.steps_per_launch = LoopOptions::kByOperation});
  for (int r = 0; r < 3; ++r) {
    const Gan alone = trained(averaged(40 + static_cast<std::uint64_t>(r)), device(), 9);
    expect_same_bits(together.snapshot(r), alone.snapshot());
    expect_same_bits(one_by_one.snapshot(r), alone.snapshot());
    EXPECT_EQ(together.sample(20, 5, r), alone.sample(20, 5));
  }
}

TEST_P(Average, OfABatchInPartsIsNearlyTheWholes) {
  GanConfig config = averaged();
  const Gan whole = trained(config, device(), 6);
  config.micro_batch = 4;
  const auto parts = trained(config, device(), 6).snapshot(), expected = whole.snapshot();
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_LE(distance(parts.tensors[i].average, expected.tensors[i].average), 1e-5);
}

TEST_P(Average, GoesBackWithTheWeights) {
  Gan gan = trained(averaged(), device(), 3);
  gan.set_parameter("generator.1.bias", std::vector<float>(9, std::numeric_limits<float>::quiet_NaN()));
  EXPECT_EQ(gan.train(5), 1u);
  EXPECT_EQ(gan.steps(), 0u);
  expect_same_bits(gan.snapshot(), Gan(averaged(), device()).snapshot());
}

TEST_P(Average, IsNeitherInventedNorDropped) {
  const Gan with(averaged(), device()), plain(without(averaged()), device());
  Gan one(averaged(), device()), other(without(averaged()), device());
  EXPECT_THROW(one.restore(plain.snapshot()), ConfigurationError);
  EXPECT_THROW(other.restore(with.snapshot()), ConfigurationError);
  EXPECT_NO_THROW(one.restore(with.snapshot()));
}

/// Devices differ in the last bits of gradients; the average's own arithmetic has the same ones.
TEST_P(Average, IsTheProcessors) {
  const auto ours = trained(averaged(), device(), 20).snapshot();
  const auto theirs = trained(averaged(), Device::cpu(1), 20).snapshot();
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_LE(distance(ours.tensors[i].average, theirs.tensors[i].average), 1e-5);
}

TEST(AverageCheckpoint, IsNamedBesideItsWeight) {
  const Gan gan(averaged(), Device::cpu(1));
  const std::string file = serialize_checkpoint({averaged(), gan.snapshot(), "cpu", 1, {}});
  EXPECT_NE(file.find("\"generator.0.weight.average\""), std::string::npos);
  EXPECT_EQ(file.find("\"discriminator.0.weight.average\""), std::string::npos);
  EXPECT_THROW(serialize_checkpoint({without(averaged()), gan.snapshot(), "cpu", 1, {}}), ConfigurationError);
}

}  // namespace average_test
}  // namespace agon
