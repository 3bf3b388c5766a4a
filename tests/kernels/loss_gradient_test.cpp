// From logits to the objective's gradient, unit rows and weighted rows, against plain words and finite
// differences.
#include "kernels/loss_gradient.hpp"

#include <algorithm>
#include <cmath>

#include "tests/finite_differences.hpp"
#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/objective_case.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace loss_gradient_test {

using kernels::LossGradient;
using kernels::LossShape;
using kernels::LossTerm;

struct Gradients {
  std::vector<float> kept[2];
  std::vector<float> dlogits;
};

class LossGradientTest : public OnDevice {
 protected:
  /// Fills in where everything lies. The segments are apart, the first one `offset` floats past an aligned
  /// address.
  Gradients run(LossGradient op, const std::vector<float> (&z)[2], bool keep, std::size_t offset = 0) {
    std::vector<float> shifted(offset, 7.0f);
    shifted.insert(shifted.end(), z[0].begin(), z[0].end());
    const auto first = input(shifted), second = input(z[1]);
    const auto kept_first = output<float>(keep ? z[0].size() : 0),
               kept_second = output<float>(keep ? z[1].size() : 0);
    op.logits[0] = first.data() + offset, op.logits[1] = second.data();
    for (int s = 0; s < 2; ++s) op.count[s] = static_cast<std::int64_t>(z[s].size());
    if (keep) op.kept[0] = kept_first.data(), op.kept[1] = kept_second.data();
    const auto dlogits = output<float>(static_cast<std::size_t>(op.judged()));
    op.dlogits = dlogits.data();
    kernels::loss_gradient(queue(), op);
    Gradients got{{kept_first.get(), kept_second.get()}, dlogits.get()};
    release();
    return got;
  }

  /// Of the terms' losses in plain words. Good to 1e-4, but sigmoid(z) - target where it cancels: to two
  /// roundings of 1.
  void check(const LossGradient& op, const std::vector<float> (&z)[2], bool keep = false,
             std::size_t offset = 0) {
    const Gradients got = run(op, z, keep, offset);
    for (int s = 0; s < 2; ++s) EXPECT_EQ(got.kept[s], keep ? z[s] : std::vector<float>());
    auto at = got.dlogits.begin();
    for (std::int64_t i = 0; i < op.bare; ++i) ASSERT_EQ(*at++, 0.0f) << "bare row " << i;
    for (int s = 0; s < 2; ++s) {
      if (s == 1 && op.term[1].shape == LossShape::none) continue;
      for (std::size_t i = 0; i < z[s].size(); ++i, ++at) {
        const float partner = op.term[s].paired ? z[1 - s][i] : 0.0f;
        if (at_kink(op.term[s], z[s][i], partner)) continue;
        const double slope = static_cast<double>(term_slope(op.term[s], z[s][i], partner)),
                     scale = op.scale[s];
        ASSERT_NEAR(*at, scale * slope, scale * (1e-4 * std::abs(slope) + 2.4e-7))
            << "logit " << i << " of segment " << s << ", " << z[s][i] << " beside " << partner;
      }
    }
    EXPECT_EQ(at, got.dlogits.end());
  }
};
AGON_ON_EVERY_DEVICE(LossGradientTest);

TEST_P(LossGradientTest, OfEveryTerm) {
  for (const LossTerm& term : every_term())
    for (const std::size_t n : {0, 1, 2, 15, 64, 257}) {
      SCOPED_TRACE(testing::Message() << "shape " << static_cast<int>(term.shape)
                                      << (term.paired ? ", paired, " : ", ") << n << " logits");
      LossTerm other = term;
      other.direction = other.slope_factor = -term.direction;
      const std::vector<float> z[2] = {normal_logits(n, 2), normal_logits(n, 3)};
      check({.bare = 0, .term = {term, other}, .scale = {0.25f, 0.5f}}, z);
      check({.bare = 3, .term = {term, other}, .scale = {0.25f, 0.5f}}, z, true, 1);
      check({.bare = 5, .term = {term, {}}, .scale = {2.0f, 0.5f}}, z, true);
    }
}

TEST_P(LossGradientTest, OfSegmentsOfEveryLength) {
  for (const std::size_t first : {0, 1, 4, 100, 256})
    for (const std::size_t second : {0, 3, 129}) {
      const std::vector<float> z[2] = {normal_logits(first, 2), normal_logits(second, 2)};
      check({.term = {loss_term(Objective::minimax, RowRole::real, 0.9f),
                      loss_term(Objective::hinge, RowRole::fake)},
             .scale = {0.5f, 0.125f}},
            z, true);
    }
}

/// For several of the processor's threads.
TEST_P(LossGradientTest, OfManyLogits) {
  const std::vector<float> z[2] = {normal_logits(20'001, 2), normal_logits(20'001, 3)};
  check({.bare = 100,
         .term = {loss_term(Objective::relativistic, RowRole::real),
                  loss_term(Objective::relativistic, RowRole::fake)}},
        z, true);
}

/// What an autoencoder minimises, of rows and what it makes of them.
TEST_P(LossGradientTest, OfAMeanSquaredError) {
  constexpr std::size_t kNumbers = 101;
  const std::vector<float> z[2] = {normal_logits(kNumbers, 1), normal_logits(kNumbers, 2)};
  const float scale = 2.0f / kNumbers;
  const Gradients got =
      run({.term = {{.shape = LossShape::square, .paired = true}, {}}, .scale = {scale, 0.0f}}, z, false);
  std::vector<double> made(z[0].begin(), z[0].end());
  const auto error = [&] {
    double sum = 0;
    for (std::size_t i = 0; i < kNumbers; ++i)
      sum += (made[i] - double{z[1][i]}) * (made[i] - double{z[1][i]});
    return sum / kNumbers;
  };
  expect_near(got.dlogits, finite_differences(made, error), 1e-8, 1e-6);
}

class RowsTest : public OnDevice {};
AGON_ON_EVERY_DEVICE(RowsTest);

TEST_P(RowsTest, UnitRowsChangePlacesWithTheirWeights) {
  std::mt19937 generator(1);
  for (const std::int64_t rows : {0, 1, 7, 256, 300})
    for (const auto& [first, count] : {std::pair<std::int64_t, std::int64_t>{0, rows},
                                       {0, rows / 2},
                                       {rows / 2, rows - rows / 2},
                                       {rows / 3, rows / 3},
                                       {rows / 2, 0}}) {
      const auto before = numbers(rows, generator);
      const auto dlogits = inout(before);
      const auto row_weight = output<float>(before.size());
      kernels::unit_rows(queue(), {.rows = rows,
                                   .first = first,
                                   .count = count,
                                   .dlogits = dlogits.data(),
                                   .row_weight = row_weight.data()});
      std::vector<float> gradient = before, weight(before.size(), 1.0f);
      for (std::int64_t r = first; r < first + count; ++r) std::swap(gradient[r], weight[r]);
      EXPECT_EQ(dlogits.get(), gradient);
      EXPECT_EQ(row_weight.get(), weight);
      release();
    }
}

TEST_P(RowsTest, WeightedRowsAreRoundedOnce) {
  std::mt19937 generator(2);
  constexpr std::int64_t kSizes[][2] = {{0, 5}, {5, 0},   {1, 1},   {7, 3},     {9, 4},
                                        {3, 5}, {9, 256}, {5, 257}, {33, 1028}, {600, 130}};
  for (const auto& [rows, width] : kSizes)
    for (const std::size_t offset : {0, 1, 4}) {
      SCOPED_TRACE(testing::Message() << rows << " x " << width << " from " << offset);
      const auto n = static_cast<std::int64_t>(offset) + rows * width;
      const auto weight = numbers(rows, generator), added = numbers(n, generator),
                 before = numbers(n, generator);
      const auto x = inout(before);
      kernels::weighted_rows(queue(), {.rows = rows,
                                       .width = width,
                                       .row_weight = input(weight).data(),
                                       .y = input(added).data() + offset,
                                       .x = x.data() + offset});
      std::vector<float> expected = before;
      for (std::size_t i = offset; i < expected.size(); ++i)
        expected[i] = std::fma(weight[(i - offset) / static_cast<std::size_t>(width)], before[i], added[i]);
      EXPECT_EQ(x.get(), expected);
      release();
    }
}

class LossGradientReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(LossGradientReplicas);

TEST_P(LossGradientReplicas, EachHasItsOwn) {
  std::mt19937 generator(3);
  for (const std::int64_t width : {4, 5})
    expect_replicas_as_alone(numbers(kReplicas * 512, generator), [&](QueueView view, float* at, int) {
      kernels::loss_gradient(view, {.bare = 2,
                                    .count = {10, 10},
                                    .logits = {at, at + 10},
                                    .kept = {at + 64, at + 74},
                                    .dlogits = at + 128,
                                    .term = {loss_term(Objective::relativistic, RowRole::real),
                                             loss_term(Objective::relativistic, RowRole::fake)}});
      kernels::unit_rows(view,
                         {.rows = 22, .first = 1, .count = 9, .dlogits = at + 128, .row_weight = at + 192});
      kernels::weighted_rows(
          view, {.rows = 22, .width = width, .row_weight = at + 192, .y = at + 256, .x = at + 384});
    });
}

}  // namespace loss_gradient_test
}  // namespace agon::test
