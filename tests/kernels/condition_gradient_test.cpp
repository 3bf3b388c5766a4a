// The cross-entropy of asked levels: against plain loops, and finite differences of the loss itself.
#include "kernels/condition_gradient.hpp"

#include "tests/finite_differences.hpp"
#include "tests/kernels/condition_case.hpp"
#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace condition_gradient_test {

/// With scores of heads in any place, as the layout of a record has them.
struct AskedCase {
  ConditionCase conditions;
  std::int64_t width;
};

AskedCase asked_case(const std::vector<int>& heads, int between) {
  AskedCase c{{heads, {}, {}}, between};
  for (const int levels : heads) {
    c.conditions.score.push_back(static_cast<std::int32_t>(c.width));
    c.conditions.share.emplace_back(levels, 1.0 / levels);
    c.width += levels + between;
  }
  return c;
}

/// Of one row.
double cross_entropy(const AskedCase& c, const std::vector<double>& scores, std::int32_t chosen) {
  const auto first = c.conditions.first();
  std::size_t head = 0;
  while (first[head + 1] <= chosen) ++head;
  double sum = 0;
  const double own = scores[c.conditions.score[head] + chosen - first[head]];
  for (int l = 0; l < c.conditions.heads[head]; ++l)
    sum += std::exp(scores[c.conditions.score[head] + l] - own);
  return std::log(sum);
}

class ConditionGradientTest : public OnConditions {
 protected:
  void check(const AskedCase& c, std::int64_t rows, float spread, std::mt19937& generator) {
    SCOPED_TRACE(testing::Message() << rows << " rows of " << c.width << " scores");
    std::vector<float> scores = numbers(rows * c.width, generator);
    for (float& score : scores) score *= spread;
    const std::vector<float> there = numbers(rows * c.width, generator);
    std::vector<std::int32_t> chosen;
    for (std::int64_t r = 0; r < rows; ++r)
      chosen.push_back(static_cast<std::int32_t>(generator() % c.conditions.levels()));
    const auto dscores = inout(there);
    constexpr float kScale = 0.125f;
    kernels::condition_gradient(queue(), {.rows = rows,
                                          .width = c.width,
                                          .shape = shape_of(c.conditions),
                                          .chosen = input(chosen).data(),
                                          .scores = input(scores).data(),
                                          .dscores = dscores.data(),
                                          .scale = kScale});
    std::vector<double> expected;
    for (std::int64_t r = 0; r < rows; ++r) {
      std::vector<double> row(scores.begin() + r * c.width, scores.begin() + (r + 1) * c.width);
      const auto slope = finite_differences(row, [&] { return cross_entropy(c, row, chosen[r]); });
      for (std::int64_t i = 0; i < c.width; ++i)
        expected.push_back(double{there[r * c.width + i]} + double{kScale} * slope[i]);
    }
    expect_near(dscores.get(), expected, 1e-6, 1e-7);
    release();
  }
};
AGON_ON_EVERY_DEVICE(ConditionGradientTest);

TEST_P(ConditionGradientTest, IsTheSlopeOfTheCrossEntropy) {
  std::mt19937 generator(1);
  for (const auto& heads : std::vector<std::vector<int>>{{2}, {3, 33}, {5, 2, 70, 4}})
    for (const int between : {0, 3})
      for (const std::int64_t rows : {1, 9, 130}) check(asked_case(heads, between), rows, 1.5f, generator);
}

/// Scores far apart: probabilities of 0 and of 1.
TEST_P(ConditionGradientTest, OfScoresFarApart) {
  std::mt19937 generator(2);
  check(asked_case({4, 6}, 1), 40, 60.0f, generator);
}

/// Enough for several of the processor's threads.
TEST_P(ConditionGradientTest, OfManyRows) {
  std::mt19937 generator(3);
  check(asked_case({3, 2}, 0), 3000, 1.0f, generator);
}

class ConditionGradientReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(ConditionGradientReplicas);

TEST_P(ConditionGradientReplicas, EachHasItsOwn) {
  std::mt19937 generator(4);
  const auto first = input<std::int32_t>({0, 3, 5}), score = input<std::int32_t>({1, 5});
  const auto threshold = input<std::uint32_t>({1, 2, 1u << 31, 1, 1u << 31});
  std::vector<float> content = numbers(kReplicas * 512, generator);
  for (int r = 0; r < kReplicas; ++r)
    for (int i = 0; i < 20; ++i) content[r * 512 + i] = std::bit_cast<float>((i + r) % 5);
  expect_replicas_as_alone(content, [&](QueueView view, float* at, int) {
    kernels::condition_gradient(view, {.rows = 20,
                                       .width = 8,
                                       .shape = {2, 5, first.data(), score.data(), threshold.data()},
                                       .chosen = reinterpret_cast<const std::int32_t*>(at),
                                       .scores = at + 64,
                                       .dscores = at + 256,
                                       .scale = 0.5f});
  });
}

}  // namespace condition_gradient_test
}  // namespace agon::test
