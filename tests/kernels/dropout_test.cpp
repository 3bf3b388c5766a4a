// Dropout: its masks from the published Philox, its scaling, and the same mask wherever a row lies.
#include "kernels/dropout.hpp"

#include <cmath>

#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/random_oracle.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace dropout_test {

using kernels::Dropout;
using kernels::RandomPurpose;

constexpr std::uint64_t kDropSeed = 0x123456789abcdef0u, kDropStep = 1234567;
constexpr std::uint32_t kDropPurpose = 8;

class DropoutTest : public OnDevice {
 protected:
  std::vector<float> run(Dropout op, const std::vector<float>& x) {
    const auto step = input<std::uint64_t>({kDropStep});
    const auto values = inout(x);
    op.x = values.data();
    op.random = {kDropSeed, RandomPurpose::dropout, step.data()};
    kernels::dropout(queue(), op);
    return values.get();
  }

  static double factor(const Dropout& op, std::int64_t r, std::int64_t c) {
    const std::int64_t number = op.first_row + r / op.segment * op.segment_stride + r % op.segment;
    const std::int64_t block = op.first_block + number * ((op.width + 3) / 4) + c / 4;
    const std::uint32_t word =
        stream_word(kDropSeed, kDropPurpose, kDropStep, static_cast<std::uint64_t>(4 * block + c % 4));
    return (word >> 8) * 0x1p-24 < double{op.probability} ? 0 : 1 / (1 - double{op.probability});
  }
};
AGON_ON_EVERY_DEVICE(DropoutTest);

TEST_P(DropoutTest, EqualsTheFormula) {
  std::mt19937 generator(3);
  constexpr std::int64_t kSizes[][2] = {{9, 1}, {9, 3}, {9, 4}, {9, 5}, {9, 64}, {9, 257}, {135, 257}};
  for (const auto& [rows, width] : kSizes)
    for (const float probability : {0.1f, 0.5f}) {
      const Dropout op{.rows = rows,
                       .width = width,
                       .segment = 3,
                       .segment_stride = 100,
                       .first_row = 7,
                       .first_block = 11,
                       .probability = probability,
                       .random = {}};
      const auto x = numbers(rows * width, generator);
      const std::vector<float> got = run(op, x);
      for (std::int64_t i = 0; i < rows * width; ++i) {
        const double expected = factor(op, i / width, i % width) * double{x[i]};
        ASSERT_NEAR(got[i], expected, 1e-6 * std::abs(expected)) << i << " of " << width;
      }
      release();
    }
}

TEST_P(DropoutTest, KeepsTheMean) {
  for (const float probability : {0.2f, 0.5f}) {
    const std::vector<float> ones(100000, 1.0f);
    const std::vector<float> got =
        run({.rows = 1000, .width = 100, .segment = 1000, .probability = probability, .random = {}}, ones);
    double sum = 0;
    for (const float value : got) sum += double{value};
    const double p = double{probability};
    EXPECT_NEAR(sum / 1e5, 1, 5 * std::sqrt(p / (1 - p) / 1e5));
    release();
  }
}

TEST_P(DropoutTest, ARowsMaskDoesNotDependOnThePiece) {
  std::mt19937 generator(5);
  const auto x = numbers(12 * 7, generator);
  const auto whole =
      run({.rows = 12, .width = 7, .segment = 6, .segment_stride = 6, .probability = 0.5f, .random = {}}, x);
  // Rows 4 and 5 of each of the two segments, as one of three micro-batches has them.
  std::vector<float> piece;
  for (const std::size_t r : {4, 5, 10, 11})
    piece.insert(piece.end(), x.begin() + r * 7, x.begin() + r * 7 + 7);
  const auto part = run({.rows = 4,
                         .width = 7,
                         .segment = 2,
                         .segment_stride = 6,
                         .first_row = 4,
                         .probability = 0.5f,
                         .random = {}},
                        piece);
  std::vector<float> expected;
  for (const std::size_t r : {4, 5, 10, 11})
    expected.insert(expected.end(), whole.begin() + r * 7, whole.begin() + r * 7 + 7);
  EXPECT_EQ(part, expected);
}

class DropoutReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(DropoutReplicas);

TEST_P(DropoutReplicas, EachHasItsOwn) {
  std::mt19937 generator(6);
  expect_replicas_as_alone(numbers(kReplicas * 512, generator), [&](QueueView view, float* at, int r) {
    kernels::dropout(
        view, {.rows = 20,
               .width = 10,
               .segment = 10,
               .segment_stride = 10,
               .probability = 0.5f,
               .x = at,
               .random = {kDropSeed + static_cast<std::uint64_t>(r), RandomPurpose::dropout, nullptr}});
  });
}

}  // namespace dropout_test
}  // namespace agon::test
