// Whole trainings with clipped gradients, with spectrally normalised weights and with both: what they
// compute, and that they are exact in every way in which steps can be run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/checkpoint/checkpoint.hpp"
#include "kernels/error.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/engine/trained_gan.hpp"
#include "tests/finite_differences.hpp"

namespace agon {
namespace constrained_test {

using test::expect_same_bits, test::gradient_norm, test::normal_numbers, test::ready, test::trained,
    test::worst_distance;

struct Kind {
  double clip_norm;
  bool spectral_norm;
};

GanConfig config_of(const Kind& kind, std::uint64_t seed = 5) {
  GanConfig config;
  config.generator = {{5, 17, 24, 3}, 0.2f};
  config.discriminator = {{3, 20, 18, 1}, 0.2f};
  config.batch = 22;
  config.seed = seed;
  config.clip_norm = kind.clip_norm;
  config.spectral_norm = kind.spectral_norm;
  return config;
}

using Parameter = std::tuple<Kind, test::TestDevice>;

class Constrained : public testing::TestWithParam<Parameter> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(std::get<1>(GetParam())); }
  static Kind kind() { return std::get<0>(GetParam()); }
  static Device device() { return std::get<1>(GetParam()).get(); }
};
std::string name_of(const testing::TestParamInfo<Parameter>& test) {
  const auto& [kind, device] = test.param;
  return std::string(kind.clip_norm > 0 ? "Clipped" : "") + (kind.spectral_norm ? "Normalised_" : "_") +
         device.name();
}

INSTANTIATE_TEST_SUITE_P(Devices, Constrained,
                         testing::Combine(testing::Values(Kind{0.05, false}, Kind{0, true}, Kind{0.05, true}),
                                          testing::ValuesIn(test::test_devices())),
                         name_of);

TEST_P(Constrained, IsTheProcessorsHoweverStepsAreLaunched) {
  const GanConfig config = config_of(kind());
  const auto expected = trained(config, Device::cpu(1), 12).snapshot();
  const auto ours = trained(config, device(), 12).snapshot();
  EXPECT_LE(worst_distance(ours, expected), 1e-5);
  expect_same_bits(
      trained(config, device(), 12, 1, {.steps_per_launch = LoopOptions::kByOperation}).snapshot(), ours);
  EXPECT_GT(worst_distance(trained(config_of({0, false}), device(), 12).snapshot(), ours), 1e-4);
}

TEST_P(Constrained, GoesOnWhereItWas) {
  const GanConfig config = config_of(kind());
  const Gan whole = trained(config, device(), 15), first = trained(config, device(), 6);
  const Checkpoint read = parse_checkpoint(serialize_checkpoint({config, first.snapshot(), "cpu", 1, {}}));
  expect_same_bits(read.snapshot, first.snapshot());
  Gan second = ready(config, device());
  second.restore(read.snapshot);
  const auto rows = normal_numbers(3 * 9, 4);
  EXPECT_EQ(second.discriminate(rows), first.discriminate(rows));
  EXPECT_EQ(second.train(9), 9u);
  expect_same_bits(second, whole);
  EXPECT_EQ(second.discriminate(rows), whole.discriminate(rows));
}

TEST_P(Constrained, IsEachReplicasOwn) {
  const Gan together = trained(config_of(kind(), 40), device(), 7, 3);
  const auto rows = normal_numbers(3 * 9, 4);
  for (int r = 0; r < 3; ++r) {
    const Gan alone = trained(config_of(kind(), 40 + static_cast<std::uint64_t>(r)), device(), 7);
    expect_same_bits(together.snapshot(r), alone.snapshot());
    EXPECT_EQ(together.discriminate(rows, r), alone.discriminate(rows));
  }
}

/// Sums in another order, through six steps of Adam: 1.4e-5 at most on the processor.
TEST_P(Constrained, PartsOfABatchAddUpBeforeTheUpdate) {
  GanConfig config = config_of(kind());
  const Gan whole = trained(config, device(), 6);
  config.micro_batch = 8;
  EXPECT_LE(worst_distance(trained(config, device(), 6).snapshot(), whole.snapshot()), 5e-5);
}

TEST_P(Constrained, SingularVectorsGoBackWithTheWeights) {
  Gan gan = trained(config_of(kind()), device(), 3);
  gan.set_parameter("generator.0.bias",
                    std::vector<float>(static_cast<std::size_t>(gan.config().generator.widths[1]),
                                       std::numeric_limits<float>::quiet_NaN()));
  EXPECT_EQ(gan.train(5), 1u);
  EXPECT_EQ(gan.steps(), 0u);
  expect_same_bits(gan.snapshot(), Gan(config_of(kind()), device()).snapshot());
}

TEST_P(Constrained, WorksForNetworksOfOneLayerAndOfMany) {
  for (const std::size_t hidden : {0, 9}) {  // ten layers are more than one operation takes
    GanConfig config = config_of(kind());
    config.generator.widths = {5, 3};
    config.discriminator.widths.assign(hidden + 2, 6);
    config.discriminator.widths.front() = 3, config.discriminator.widths.back() = 1;
    EXPECT_LE(worst_distance(trained(config, device(), 4).snapshot(),
                             trained(config, Device::cpu(1), 4).snapshot()),
              1e-5);
  }
}

class Clipped : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, Clipped, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

/// Without momentum and with an epsilon beside which gradients vanish, a step is proportional to the
/// gradient.
TEST_P(Clipped, EachNetworkByItsOwnNorm) {
  GanConfig config = config_of({0.01, false});
  config.beta1 = config.beta2 = 0;
  config.epsilon = 1e6;
  config.generator_rate = config.discriminator_rate = 1e5;
  Gan gan(config, device());
  const auto before = gan.snapshot();
  gan.step(normal_numbers(22 * 3, 1), normal_numbers(2 * 22 * 5, 2));
  const auto after = gan.snapshot();
  for (const std::string network : {"generator.", "discriminator."}) {
    const double norm = gradient_norm(gan, network), scale = std::min(1.0, 0.01 / (norm + 1e-6));
    EXPECT_LT(scale, 0.9) << network;
    for (std::size_t i = 0; i < after.tensors.size(); ++i) {
      if (!after.tensors[i].name.starts_with(network)) continue;
      const auto gradient = gan.gradient(after.tensors[i].name);
      for (std::size_t j = 0; j < gradient.size(); ++j)
        ASSERT_NEAR(double{after.tensors[i].value[j]} - double{before.tensors[i].value[j]},
                    -0.1 * scale * gradient[j], 1e-7);
    }
  }
}

TEST_P(Clipped, ABoundThatIsNeverReachedChangesNothing) {
  expect_same_bits(trained(config_of({1e6, false}), device(), 9),
                   trained(config_of({0, false}), device(), 9));
}

/// D with normalised weights in plain loops: u and v are taken one iteration on at each phase's start.
struct PlainDiscriminator {
  std::vector<std::int64_t> widths;
  std::vector<std::vector<double>> tensors, u, v;

  void iterate() {
    for (std::size_t l = 0; l < u.size(); ++l) {
      const auto& w = tensors[2 * l];
      auto &left = u[l], &right = v[l];
      std::fill(right.begin(), right.end(), 0.0);
      for (std::size_t o = 0; o < left.size(); ++o)
        for (std::size_t i = 0; i < right.size(); ++i) right[i] += w[o * right.size() + i] * left[o];
      to_unit(right);
      std::fill(left.begin(), left.end(), 0.0);
      for (std::size_t o = 0; o < left.size(); ++o)
        for (std::size_t i = 0; i < right.size(); ++i) left[o] += w[o * right.size() + i] * right[i];
      to_unit(left);
    }
  }
  static void to_unit(std::vector<double>& x) {
    double square = 0;
    for (const double value : x) square += value * value;
    for (double& value : x) value /= std::sqrt(square);
  }
  double logit(std::vector<double> x) const {
    for (std::size_t l = 0; l < u.size(); ++l) {
      const auto& w = tensors[2 * l];
      double sigma = 0;
      for (std::size_t o = 0; o < u[l].size(); ++o)
        for (std::size_t i = 0; i < v[l].size(); ++i) sigma += u[l][o] * w[o * v[l].size() + i] * v[l][i];
      std::vector<double> y = tensors[2 * l + 1];
      for (std::size_t o = 0; o < y.size(); ++o) {
        for (std::size_t i = 0; i < x.size(); ++i) y[o] += w[o * x.size() + i] / sigma * x[i];
        if (l + 1 < u.size() && y[o] < 0) y[o] *= double{0.2f};
      }
      x = std::move(y);
    }
    return x[0];
  }
};

class Normalised : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, Normalised, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

PlainDiscriminator plain(const Gan& gan) {
  PlainDiscriminator d{gan.config().discriminator.widths, {}, {}, {}};
  for (const auto& tensor : gan.snapshot().tensors) {
    if (!tensor.name.starts_with("discriminator.")) continue;
    d.tensors.emplace_back(tensor.value.begin(), tensor.value.end());
    if (tensor.left_singular.empty()) continue;
    d.u.emplace_back(tensor.left_singular.begin(), tensor.left_singular.end());
    d.v.emplace_back(tensor.right_singular.begin(), tensor.right_singular.end());
  }
  return d;
}

std::vector<double> row_of(const std::vector<float>& rows, std::size_t r, std::size_t width) {
  const auto first = rows.begin() + static_cast<std::ptrdiff_t>(r * width);
  return {first, first + static_cast<std::ptrdiff_t>(width)};
}

TEST_P(Normalised, TheWholeGradientOfDIsTheFiniteDifferences) {
  GanConfig config = config_of({0, true});
  config.generator_rate = config.discriminator_rate = 0;
  Gan gan(config, device());
  const auto batch = normal_numbers(22 * 3, 1), noise = normal_numbers(2 * 22 * 5, 2);
  const auto fakes = gan.generate(std::span(noise).first(22 * 5));
  PlainDiscriminator d = plain(gan);
  d.iterate();
  const auto loss = [&] {
    double sum = 0;
    for (std::size_t r = 0; r < 22; ++r)
      sum += std::log1p(std::exp(-d.logit(row_of(batch, r, 3)))) +
             std::log1p(std::exp(d.logit(row_of(fakes, r, 3))));
    return sum / 22;
  };
  EXPECT_NEAR(gan.step(batch, noise).discriminator_loss, loss(), 2e-6);
  std::size_t t = 0;
  for (const TensorView& view : gan.parameters()) {
    if (!view.name.starts_with("discriminator.")) continue;
    const auto expected = test::finite_differences(d.tensors[t++], loss);
    const auto gradient = gan.gradient(view.name);
    const double largest =
        std::abs(*std::ranges::max_element(expected, {}, [](double x) { return std::abs(x); }));
    ASSERT_GT(largest, 0);
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(gradient[i], expected[i], 2e-5 * largest + 1e-7) << view.name << "[" << i << "]";
  }
}

/// G goes through D as D's phase left it, its vectors one iteration on; discriminate() reads the same
/// weights.
TEST_P(Normalised, TheGeneratorsPhaseAndDiscriminateSeeTheUpdatedWeights) {
  GanConfig config = config_of({0, true});
  config.generator_rate = 0;
  config.discriminator_rate = 0.05;
  Gan gan(config, device());
  const auto batch = normal_numbers(22 * 3, 1), noise = normal_numbers(2 * 22 * 5, 2);
  const auto fakes = gan.generate(std::span(noise).subspan(22 * 5));
  PlainDiscriminator before = plain(gan);
  const StepStatistics got = gan.step(batch, noise);
  PlainDiscriminator d = plain(gan);  // with the vectors after both iterations
  double sum = 0;
  const auto logits = gan.discriminate(fakes);
  for (std::size_t r = 0; r < 22; ++r) {
    const double logit = d.logit(row_of(fakes, r, 3));
    EXPECT_NEAR(logits[r], logit, 3e-6);
    sum += std::log1p(std::exp(-logit));
  }
  EXPECT_NEAR(got.generator_loss, sum / 22, 3e-6);
  before.iterate();
  before.tensors = d.tensors;
  before.iterate();
  for (std::size_t l = 0; l < d.u.size(); ++l)
    for (std::size_t o = 0; o < d.u[l].size(); ++o) EXPECT_NEAR(before.u[l][o], d.u[l][o], 2e-6);
}

TEST_P(Normalised, StartsNearTheLargestSingularValueWhateverTheSeed) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Gan gan(config_of({0, true}, seed), device());
    PlainDiscriminator d = plain(gan);
    const auto start = d.u;
    for (int i = 0; i < 500; ++i) d.iterate();
    for (std::size_t l = 0; l < d.u.size(); ++l) {
      double along = 0;
      for (std::size_t o = 0; o < d.u[l].size(); ++o) along += d.u[l][o] * start[l][o];
      EXPECT_GT(std::abs(along), 0.8);  // fifteen iterations on
    }
  }
  EXPECT_NE(plain(Gan(config_of({0, true}, 1), device())).u, plain(Gan(config_of({0, true}, 2), device())).u);
}

TEST_P(Normalised, VectorsAreNeitherInventedNorDropped) {
  Gan with(config_of({0, true}), device()), plain_one(config_of({0, false}), device());
  EXPECT_THROW(with.restore(Gan(config_of({0, false}), device()).snapshot()), ConfigurationError);
  EXPECT_THROW(plain_one.restore(with.snapshot()), ConfigurationError);
  const std::string file = serialize_checkpoint({with.config(), with.snapshot(), "cpu", 1, {}});
  EXPECT_NE(file.find("\"discriminator.1.weight.left_singular\""), std::string::npos);
  EXPECT_EQ(file.find("\"generator.1.weight.left_singular\""), std::string::npos);
}

}  // namespace constrained_test
}  // namespace agon
