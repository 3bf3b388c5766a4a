// Gumbel noise: its numbers from the published Philox, and the same ones wherever a row lies.
#include "kernels/gumbel_noise.hpp"

#include <cmath>

#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/random_oracle.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace gumbel_noise_test {

using kernels::GumbelNoise;
using kernels::RandomPurpose;

constexpr std::uint64_t kNoiseSeed = 0xfedcba9876543210u, kNoiseStep = 7654321;
constexpr std::uint32_t kNoisePurpose = 11;

class GumbelNoiseTest : public OnDevice {
 protected:
  std::vector<float> run(GumbelNoise op, const std::vector<float>& x) {
    const auto y = output<float>(x.size());
    op.x = input(x).data();
    op.y = y.data();
    op.random = {kNoiseSeed, RandomPurpose::head_noise, input<std::uint64_t>({kNoiseStep}).data()};
    kernels::gumbel_noise(queue(), op);
    return y.get();
  }

  static double noise(const GumbelNoise& op, std::int64_t r, std::int64_t c) {
    const std::int64_t number = op.first_row + r / op.segment * op.segment_stride + r % op.segment;
    const auto e = static_cast<std::uint64_t>(4 * (number * ((op.levels + 3) / 4) + c / 4) + c % 4);
    const std::uint32_t word = stream_word(kNoiseSeed, kNoisePurpose, kNoiseStep, e);
    return -std::log(-std::log((word + 0.5) * 0x1p-32));
  }
};
AGON_ON_EVERY_DEVICE(GumbelNoiseTest);

TEST_P(GumbelNoiseTest, EqualsTheFormula) {
  std::mt19937 generator(3);
  constexpr std::int64_t kSizes[][3] = {{1, 1, 1},  {9, 3, 2},     {9, 4, 4},       {9, 9, 5},
                                        {9, 64, 0}, {9, 300, 257}, {200, 301, 260}, {3, 2000, 1999}};
  for (const auto& [rows, width, levels] : kSizes) {
    const GumbelNoise op{.rows = rows,
                         .width = width,
                         .levels = levels,
                         .segment = 3,
                         .segment_stride = 100,
                         .first_row = 7,
                         .random = {}};
    const auto x = numbers(rows * width, generator);
    const std::vector<float> got = run(op, x);
    for (std::int64_t i = 0; i < rows * width; ++i) {
      const bool noisy = i % width < levels;
      const double expected = double{x[i]} + (noisy ? noise(op, i / width, i % width) : 0);
      ASSERT_NEAR(got[i], expected, noisy ? 2e-6 : 0) << i << " of " << width;
    }
    release();
  }
}

/// The highest of noisy logits is a draw from their softmax.
TEST_P(GumbelNoiseTest, TheHighestIsADrawFromTheSoftmax) {
  constexpr std::int64_t kRows = 40000;
  const double share[] = {0.6, 0.25, 0.1, 0.04, 0.01};
  std::vector<float> x;
  for (std::int64_t r = 0; r < kRows; ++r)
    for (const double p : share) x.push_back(static_cast<float>(std::log(p)));
  const std::vector<float> y =
      run({.rows = kRows, .width = 5, .levels = 5, .segment = kRows, .random = {}}, x);
  double count[5] = {};
  for (std::int64_t r = 0; r < kRows; ++r)
    ++count[std::max_element(y.begin() + 5 * r, y.begin() + 5 * r + 5) - (y.begin() + 5 * r)];
  for (int level = 0; level < 5; ++level) {
    const double p = share[level];
    EXPECT_NEAR(count[level] / kRows, p, 4 * std::sqrt(p * (1 - p) / kRows)) << level;
  }
}

TEST_P(GumbelNoiseTest, ARowsNoiseDoesNotDependOnThePiece) {
  std::mt19937 generator(5);
  const auto x = numbers(8 * 7, generator);
  const GumbelNoise whole{
      .rows = 8, .width = 7, .levels = 6, .segment = 4, .segment_stride = 4, .random = {}};
  GumbelNoise piece = whole;  // rows 2 and 3 of each segment, as one of two micro-batches has them
  piece.rows = 4, piece.segment = 2, piece.first_row = 2;
  std::vector<float> those, expected;
  const std::vector<float> all = run(whole, x);
  for (const std::size_t r : {2, 3, 6, 7}) {
    those.insert(those.end(), x.begin() + r * 7, x.begin() + r * 7 + 7);
    expected.insert(expected.end(), all.begin() + r * 7, all.begin() + r * 7 + 7);
  }
  EXPECT_EQ(run(piece, those), expected);
}

class GumbelNoiseReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(GumbelNoiseReplicas);

TEST_P(GumbelNoiseReplicas, EachHasItsOwn) {
  std::mt19937 generator(6);
  expect_replicas_as_alone(numbers(kReplicas * 512, generator), [&](QueueView view, float* at, int r) {
    const std::uint64_t seed = kNoiseSeed + (view.replicas.count == 1 ? static_cast<std::uint64_t>(r) : 0);
    kernels::gumbel_noise(view, {.rows = 20,
                                 .width = 10,
                                 .levels = 9,
                                 .segment = 20,
                                 .x = at,
                                 .y = at + 256,
                                 .random = {seed, RandomPurpose::head_noise, nullptr}});
  });
}

}  // namespace gumbel_noise_test
}  // namespace agon::test
