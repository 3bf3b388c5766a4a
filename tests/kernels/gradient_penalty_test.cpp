// Gradient penalties: against their formulas and central differences in double precision.
#include "kernels/gradient_penalty.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/finite_differences.hpp"
#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace gradient_penalty_test {

using kernels::GradientPenalty;
using kernels::PenaltyCentre;
using kernels::PenaltyTerm;

double norm(const std::vector<double>& g) {
  double squares = 0;
  for (const double value : g) squares += value * value;
  return std::sqrt(squares);
}

double penalty_of(const PenaltyTerm& term, const std::vector<double>& g) {
  if (term.centre == PenaltyCentre::zero) return 0.5 * term.weight * norm(g) * norm(g);
  if (term.centre == PenaltyCentre::one) return term.weight * (norm(g) - 1) * (norm(g) - 1);
  return 0;
}

/// Of its gradient by g, in closed form.
double factor_of(const PenaltyTerm& term, const std::vector<double>& g) {
  if (term.centre == PenaltyCentre::zero) return term.weight;
  if (term.centre == PenaltyCentre::one && norm(g) > 0) return 2.0 * term.weight * (1 - 1 / norm(g));
  return 0;
}

constexpr PenaltyTerm kZero{PenaltyCentre::zero, 3.0f}, kOne{PenaltyCentre::one, 10.0f}, kNone{};

class GradientPenaltyTest : public OnDevice {
 protected:
  struct Results {
    std::vector<float> v, x, penalty[3];
  };
  struct Case {
    std::int64_t segment, width;
    std::vector<PenaltyTerm> terms;
    float scale = 0.125f;
    float share = 0;  // none where 0

    std::int64_t rows() const { return segment * static_cast<std::int64_t>(terms.size()); }
  };

  Results run(const Case& c, const std::vector<float>& g, const std::vector<float>& x_values,
              const std::vector<float>& weights) {
    const auto gradient = inout(g), x = inout(x_values);
    const auto row_weight = input(weights), share = input(std::vector<float>{c.share});
    GradientPenalty op{.rows = c.rows(),
                       .width = c.width,
                       .segment = c.segment,
                       .gradient = gradient.data(),
                       .x = x.data(),
                       .row_weight = row_weight.data(),
                       .share = c.share != 0 ? share.data() : nullptr,
                       .scale = c.scale};
    std::vector<GuardedBuffer<float>> penalties;
    for (std::size_t s = 0; s < c.terms.size(); ++s) {
      penalties.push_back(output<float>(static_cast<std::size_t>(c.segment)));
      op.penalty[s] = penalties.back().data();
      op.term[s] = c.terms[s];
    }
    kernels::gradient_penalty(queue(), op);
    Results results{gradient.get(), x.get(), {}};
    for (std::size_t s = 0; s < penalties.size(); ++s) results.penalty[s] = penalties[s].get();
    return results;
  }

  void check(const Case& c) {
    SCOPED_TRACE(testing::Message() << c.terms.size() << " segments of " << c.segment << " x " << c.width);
    std::mt19937 generator(static_cast<unsigned>(c.rows() * 1000 + c.width));
    auto g = numbers(c.rows() * c.width, generator);
    for (float& value : g) value *= 0.5f;
    const auto x = numbers(c.rows() * c.width, generator), weights = numbers(c.rows(), generator);
    std::fill(g.begin(), g.begin() + c.width, 0.0f);  // no slope at the first row
    const Results got = run(c, g, x, weights);
    for (std::int64_t r = 0; r < c.rows(); ++r) {
      const auto s = static_cast<std::size_t>(r / c.segment);
      const std::vector<double> row(g.begin() + r * c.width, g.begin() + (r + 1) * c.width);
      const double size = (1 + norm(row)) * (1 + norm(row)), weight = c.terms[s].weight;
      ASSERT_NEAR(got.penalty[s][r % c.segment], penalty_of(c.terms[s], row), 2e-6 * weight * size) << r;
      const double factor = c.scale * factor_of(c.terms[s], row);
      for (std::int64_t i = 0; i < c.width; ++i) {
        const std::int64_t at = r * c.width + i;
        const double v = factor * row[i], bound = 4e-6 * c.scale * weight * std::abs(row[i]) / norm(row);
        ASSERT_NEAR(got.v[at], v, norm(row) > 0 ? bound * (1 + norm(row)) : 0.0) << r << ", " << i;
        const double moved = static_cast<double>(weights[r]) * x[at] + static_cast<double>(got.v[at]);
        ASSERT_NEAR(got.x[at], moved,
                    3e-7 * (std::abs(static_cast<double>(weights[r]) * x[at]) + std::abs(v)));
      }
    }
    release();
  }
};
AGON_ON_EVERY_DEVICE(GradientPenaltyTest);

TEST_P(GradientPenaltyTest, EqualsTheFormulas) {
  for (const std::int64_t width : {1, 2, 3, 4, 5, 10, 31, 32, 33, 36, 127, 128, 129, 132, 784})
    for (const std::int64_t segment : {1, 3, 4, 5, 33}) {
      check({segment, width, {kOne}});
      check({segment, width, {kZero, kZero}});
      check({segment, width, {kOne, kZero, kNone}});
      check({segment, width, {kNone, kOne, kZero}});
    }
  check({700, 130, {kZero, kOne}});
}

TEST_P(GradientPenaltyTest, WhatGoesBackIsThePenaltysDerivative) {
  std::mt19937 generator(5);
  for (const PenaltyTerm& term : {kZero, kOne}) {
    const Case c{4, 7, {term}, 0.5f};
    const auto g = numbers(c.rows() * c.width, generator);
    const auto zeros = std::vector<float>(g.size()), weights = std::vector<float>(4);
    std::vector<double> at(g.begin(), g.end());
    const auto expected = finite_differences(at, [&] {
      double sum = 0;
      for (std::int64_t r = 0; r < c.rows(); ++r)
        sum += penalty_of(term, {at.begin() + r * c.width, at.begin() + (r + 1) * c.width});
      return 0.5 * sum;
    });
    expect_near(run(c, g, zeros, weights).v, expected, 2e-6, 2e-6);
  }
}

TEST_P(GradientPenaltyTest, AShareIsOnEveryWeight) {
  std::mt19937 generator(7);
  for (const std::int64_t width : {5, 32}) {
    const std::vector<PenaltyTerm> terms{kOne, kZero, kNone};
    std::vector<PenaltyTerm> smaller = terms;
    for (PenaltyTerm& term : smaller) term.weight *= 0.375f;
    const auto g = numbers(12 * width, generator), x = numbers(12 * width, generator),
               weights = numbers(12, generator);
    const Results got = run({4, width, terms, 0.5f, 0.375f}, g, x, weights),
                  wanted = run({4, width, smaller, 0.5f}, g, x, weights),
                  whole = run({4, width, terms, 0.5f}, g, x, weights);
    EXPECT_EQ(got.v, wanted.v);
    EXPECT_EQ(got.x, wanted.x);
    for (int s = 0; s < 3; ++s) EXPECT_EQ(got.penalty[s], wanted.penalty[s]);
    EXPECT_NE(got.v, whole.v);
  }
}

/// So that a run that has diverged is seen to have.
TEST_P(GradientPenaltyTest, NumbersThatAreNoneStayNone) {
  for (const PenaltyTerm& term : {kZero, kOne}) {
    const Case c{3, 5, {term}};
    std::vector<float> g(15, 1.0f);
    g[7] = std::numeric_limits<float>::quiet_NaN();
    const Results got = run(c, g, std::vector<float>(15, 1.0f), {1, 1, 1});
    for (std::size_t r = 0; r < 3; ++r) EXPECT_EQ(std::isnan(got.penalty[0][r]), r == 1);
    EXPECT_TRUE(std::isnan(got.x[7]));
  }
}

class GradientPenaltyReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(GradientPenaltyReplicas);

TEST_P(GradientPenaltyReplicas, EachHasItsOwn) {
  std::mt19937 generator(6);
  expect_replicas_as_alone(numbers(kReplicas * 512, generator), [&](QueueView view, float* at, int) {
    kernels::gradient_penalty(view, {.rows = 18,
                                     .width = 9,
                                     .segment = 6,
                                     .gradient = at,
                                     .x = at + 162,
                                     .row_weight = at + 330,
                                     .penalty = {at + 350, at + 360, at + 370},
                                     .term = {kOne, kZero, kOne},
                                     .scale = 0.5f});
  });
}

}  // namespace gradient_penalty_test
}  // namespace agon::test
