// Concatenating blocks: forward exactly, backward against plain loops and finite differences.
#include "kernels/concat.hpp"

#include <cmath>

#include "tests/finite_differences.hpp"
#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace concat_test {

using kernels::Concat;
using kernels::ConcatBackward;

/// LeakyReLU has no derivative there.
std::vector<float> clear_of_zero(std::vector<float> values) {
  for (float& value : values)
    if (std::abs(value) < 0.01f) value = 0.5f;
  return values;
}

class ConcatTest : public OnDevice {};
AGON_ON_EVERY_DEVICE(ConcatTest);

TEST_P(ConcatTest, PutsRowsSideBySide) {
  std::mt19937 generator(1);
  for (const std::int64_t rows : {1, 40})
    for (const std::int64_t a : {1, 5, 64})
      for (const std::int64_t b : {1, 4, 33})
        for (const bool there : {false, true}) {
          const auto first = numbers(rows * a, generator), second = numbers(rows * b, generator);
          std::vector<float> expected;
          for (std::int64_t r = 0; r < rows; ++r) {
            expected.insert(expected.end(), first.begin() + r * a, first.begin() + (r + 1) * a);
            expected.insert(expected.end(), second.begin() + r * b, second.begin() + (r + 1) * b);
          }
          std::vector<float> before(expected);
          for (std::int64_t i = 0; i < rows * (a + b); ++i)
            if (!there || i % (a + b) >= a) before[i] = -7;
          const auto y = inout(before);
          const auto copied = input(first);
          kernels::concat(queue(), {.rows = rows,
                                    .first_width = a,
                                    .second_width = b,
                                    .first = there ? nullptr : copied.data(),
                                    .second = input(second).data(),
                                    .y = y.data()});
          EXPECT_EQ(y.get(), expected);
          release();
        }
}

/// The loss is a weighted sum of y, which later layers also read through y' = [more | y].
TEST_P(ConcatTest, GradientsMatchFiniteDifferences) {
  std::mt19937 generator(2);
  for (const std::int64_t more : {0, 3})
    for (const float slope : {0.2f, 0.0f, 1.0f}) {
      constexpr std::int64_t kRows = 5, kFirst = 7, kSecond = 4, kWidth = kFirst + kSecond;
      const bool later = more > 0;
      const auto through = numbers(kRows * kWidth, generator),
                 after = numbers(kRows * (more + kWidth), generator),
                 second = numbers(kRows * kSecond, generator),
                 inputs = clear_of_zero(numbers(kRows * kFirst, generator));
      std::vector<double> u(inputs.begin(), inputs.end()), kept(second.begin(), second.end());
      const auto activated = [&](double x) { return x > 0 ? x : double{slope} * x; };
      std::vector<float> y;
      for (std::int64_t r = 0; r < kRows; ++r) {
        for (std::int64_t c = 0; c < kFirst; ++c)
          y.push_back(static_cast<float>(activated(u[r * kFirst + c])));
        y.insert(y.end(), second.begin() + r * kSecond, second.begin() + (r + 1) * kSecond);
      }
      const auto weight = [&](std::int64_t r, std::int64_t c) {
        return double{through[r * kWidth + c]} +
               (later ? double{after[r * (more + kWidth) + more + c]} : 0.0);
      };
      const auto loss = [&] {
        double sum = 0;
        for (std::int64_t r = 0; r < kRows; ++r) {
          for (std::int64_t c = 0; c < kFirst; ++c) sum += weight(r, c) * activated(u[r * kFirst + c]);
          for (std::int64_t c = 0; c < kSecond; ++c) sum += weight(r, kFirst + c) * kept[r * kSecond + c];
        }
        return sum;
      };
      const auto gradient = inout(through);
      const auto du = output<float>(kRows * kFirst);
      const auto above = input(after);
      kernels::concat_backward(queue(), {.rows = kRows,
                                         .first_width = kFirst,
                                         .second_width = kSecond,
                                         .gradient = gradient.data(),
                                         .later = later ? above.data() : nullptr,
                                         .later_width = more + kWidth,
                                         .y = input(y).data(),
                                         .slope = slope,
                                         .du = du.data()});
      expect_near(du.get(), finite_differences(u, loss), 1e-6, 1e-6);
      const auto by_second = finite_differences(kept, loss);
      const auto whole = gradient.get();
      for (std::int64_t r = 0; r < kRows; ++r)
        for (std::int64_t c = 0; c < kSecond; ++c)
          EXPECT_NEAR(whole[r * kWidth + kFirst + c], by_second[r * kSecond + c], 1e-6);
      for (std::int64_t i = 0; i < kRows * kWidth; ++i)
        EXPECT_NEAR(whole[i], weight(i / kWidth, i % kWidth), 1e-6);
      release();
    }
}

/// Enough numbers for several of the processor's threads.
TEST_P(ConcatTest, ManyRows) {
  std::mt19937 generator(3);
  constexpr std::int64_t kRows = 520, kFirst = 90, kSecond = 40, kWidth = kFirst + kSecond, kMore = 3;
  const auto first = numbers(kRows * kFirst, generator), second = numbers(kRows * kSecond, generator),
             gradient = numbers(kRows * kWidth, generator),
             later = numbers(kRows * (kMore + kWidth), generator);
  const auto y = output<float>(gradient.size()), du = output<float>(first.size());
  const auto whole = inout(gradient);
  kernels::concat(queue(), {.rows = kRows,
                            .first_width = kFirst,
                            .second_width = kSecond,
                            .first = input(first).data(),
                            .second = input(second).data(),
                            .y = y.data()});
  kernels::concat_backward(queue(), {.rows = kRows,
                                     .first_width = kFirst,
                                     .second_width = kSecond,
                                     .gradient = whole.data(),
                                     .later = input(later).data(),
                                     .later_width = kMore + kWidth,
                                     .y = y.data(),
                                     .slope = 0.25f,
                                     .du = du.data()});
  std::vector<float> expected_y, expected_du, expected_whole;
  for (std::int64_t r = 0; r < kRows; ++r)
    for (std::int64_t c = 0; c < kWidth; ++c) {
      expected_y.push_back(c < kFirst ? first[r * kFirst + c] : second[r * kSecond + c - kFirst]);
      expected_whole.push_back(gradient[r * kWidth + c] + later[r * (kMore + kWidth) + kMore + c]);
      if (c < kFirst) expected_du.push_back(expected_whole.back() * (expected_y.back() > 0 ? 1.0f : 0.25f));
    }
  EXPECT_EQ(y.get(), expected_y);
  EXPECT_EQ(whole.get(), expected_whole);
  EXPECT_EQ(du.get(), expected_du);
}

class ConcatReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(ConcatReplicas);

TEST_P(ConcatReplicas, EachHasItsOwn) {
  std::mt19937 generator(6);
  expect_replicas_as_alone(numbers(kReplicas * 512, generator), [&](QueueView view, float* at, int) {
    kernels::concat(
        view,
        {.rows = 10, .first_width = 5, .second_width = 4, .first = at, .second = at + 64, .y = at + 128});
    kernels::concat_backward(view, {.rows = 10,
                                    .first_width = 5,
                                    .second_width = 4,
                                    .gradient = at + 256,
                                    .later = at + 352,
                                    .later_width = 10,
                                    .y = at + 128,
                                    .slope = 0.5f,
                                    .du = at + 456});
  });
}

}  // namespace concat_test
}  // namespace agon::test
