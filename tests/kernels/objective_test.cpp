// One logit's loss and slope under every objective, against the objective in plain words and its finite
// differences.
#include "kernels/formula/objective.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfloat>
#include <cstdio>
#include <limits>
#include <random>
#include <vector>

#include "tests/kernels/objective_oracle.hpp"

namespace agon::test {
namespace objective_test {

namespace formula = kernels::formula;

constexpr RowRole kRoles[] = {RowRole::real, RowRole::fake, RowRole::generated};

std::vector<float> logits() {
  std::vector<float> all;
  for (const float z : {0.0f, 1e-30f, 1e-8f, 0.3f, 0.5f, 1.0f, 1.5f, 8.0f, 17.0f, 20.0f, 40.0f, 80.0f, 88.0f,
                        104.0f, 1e3f, 1e4f})
    all.insert(all.end(), {z, -z});
  std::mt19937 generator(3);
  std::normal_distribution<float> normal(0, 3);
  for (int i = 0; i < 40; ++i) all.push_back(normal(generator));
  return all;
}

/// Calls `use` for every objective, role and pair of logits.
template <class Use>
void for_each_pair(const Use& use) {
  const std::vector<float> all = logits();
  for (const Objective objective : kObjectives)
    for (const RowRole role : kRoles)
      for (const float label : {1.0f, 0.9f}) {
        if (label != 1.0f && !(kernels::has_real_label(objective) && role == RowRole::real)) continue;
        for (const float z : all)
          for (const float partner : all) {
            use(objective, role, label, z, partner);
            if (!kernels::is_paired(objective)) break;
          }
      }
}

/// The largest |slope - finite difference| in units of |difference| + unit, over every pair.
template <class Number>
double worst_slope(long double unit) {
  double worst = 0;
  for_each_pair([&](Objective objective, RowRole role, float label, float z, float partner) {
    if (at_kink(objective, role, z)) return;
    const auto term = loss_term(objective, role, label);
    const auto got = formula::objective_element(term, static_cast<Number>(z), static_cast<Number>(partner));
    const long double expected = pair_slope(objective, role, z, partner, term.target);
    const long double apart = std::fabs(static_cast<long double>(got.slope) - expected);
    EXPECT_TRUE(std::isfinite(got.slope)) << to_string(objective) << " at " << z << ", " << partner;
    worst = std::max(worst, static_cast<double>(apart / (std::fabs(expected) + unit)));
  });
  return worst;
}

/// sigmoid(z) - 1 loses what lies below a rounding of 1.
TEST(Objective, SlopeIsThatOfTheLossInDouble) {
  const double worst = worst_slope<double>(DBL_EPSILON * 1e7L);
  std::printf("slope - finite difference, double: %.1e\n", worst);
  EXPECT_LE(worst, 1e-7);
}

TEST(Objective, SlopeIsThatOfTheLossInFloat) {
  const double worst = worst_slope<float>(FLT_EPSILON * 1e4L);
  std::printf("slope - finite difference, float: %.1e\n", worst);
  EXPECT_LE(worst, 1e-4);
}

TEST(Objective, LossesOfAPairAddUpToTheObjectives) {
  for_each_pair([&](Objective objective, RowRole role, float label, float z, float partner) {
    const auto loss = [&](RowRole of, float at, float beside) {
      return static_cast<long double>(
          formula::objective_element(loss_term(objective, of, label), at, beside).loss);
    };
    const long double exact_label = loss_term(objective, RowRole::real, label).target;
    long double got = 0, expected = 0, size = 0;
    if (role == RowRole::generated) {
      got = size = loss(role, z, partner), expected = generator_loss(objective, partner, z);
    } else {
      const float r = role == RowRole::real ? z : partner, f = role == RowRole::real ? partner : z;
      const long double parts[] = {loss(RowRole::real, r, f), loss(RowRole::fake, f, r)};
      got = parts[0] + parts[1], size = std::fabs(parts[0]) + std::fabs(parts[1]);
      expected = discriminator_loss(objective, r, f, exact_label);
    }
    const long double rounded = kernels::is_paired(objective) ? 6e-8L * std::fabs(z - partner) : 0;
    ASSERT_NEAR(static_cast<double>(got), static_cast<double>(expected),
                static_cast<double>((1e-6L + rounded) * std::fabs(size)) + 1e-37)
        << to_string(objective) << " at " << z << ", " << partner;
  });
}

TEST(Objective, HingeHasNoSlopeAtItsKinksAndBeyond) {
  const auto slope = [](RowRole role, float z) {
    return formula::objective_element(loss_term(Objective::hinge, role), z, 0.0f).slope;
  };
  EXPECT_EQ(slope(RowRole::real, 1.0f), 0.0f);
  EXPECT_EQ(slope(RowRole::real, std::nextafter(1.0f, 0.0f)), -1.0f);
  EXPECT_EQ(slope(RowRole::fake, -1.0f), 0.0f);
  EXPECT_EQ(slope(RowRole::fake, std::nextafter(-1.0f, 0.0f)), 1.0f);
  EXPECT_EQ(slope(RowRole::real, FLT_MAX), 0.0f);
  EXPECT_EQ(slope(RowRole::fake, -FLT_MAX), 0.0f);
  EXPECT_EQ(slope(RowRole::generated, 5.0f), -1.0f);
}

/// Where it is not a square that leaves the range.
TEST(Objective, FiniteForTheLargestLogits) {
  for (const Objective objective : kObjectives)
    for (const RowRole role : kRoles)
      for (const float z : {FLT_MAX, -FLT_MAX})
        for (const float partner : {FLT_MAX, -FLT_MAX}) {
          const auto e = formula::objective_element(loss_term(objective, role), z, partner);
          EXPECT_TRUE(std::isfinite(e.slope)) << to_string(objective) << " at " << z << ", " << partner;
          EXPECT_EQ(std::isfinite(e.loss), objective != Objective::least_squares)
              << to_string(objective) << " at " << z << ", " << partner;
        }
}

TEST(Objective, WhatIsNotFiniteIsSeenInTheLoss) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const Objective objective : kObjectives)
    for (const RowRole role : kRoles) {
      const auto loss = [&](float z, float partner) {
        return formula::objective_element(loss_term(objective, role), z, partner).loss;
      };
      EXPECT_FALSE(std::isfinite(loss(std::nanf(""), 0.0f))) << to_string(objective);
      EXPECT_EQ(std::isfinite(loss(0.0f, std::nanf(""))), !kernels::is_paired(objective));
      for (const float infinite : {kInfinity, -kInfinity}) {
        EXPECT_FALSE(std::isfinite(loss(infinite, 0.0f))) << to_string(objective);
        EXPECT_FALSE(std::isfinite(loss(infinite, infinite))) << to_string(objective);
        EXPECT_EQ(std::isfinite(loss(0.0f, infinite)), !kernels::is_paired(objective));
      }
    }
}

/// The terms by themselves: no objective has a square of a difference.
TEST(Objective, TermsOfEveryShapePairedOrNot) {
  for (const kernels::LossTerm& term : every_term())
    for (const float z : logits())
      for (const float partner : logits()) {
        const auto got = formula::objective_element(term, z, partner);
        const long double apart = term.paired ? std::fabs(z - partner) : std::fabs(z);
        const long double loss = term_loss(term, z, partner), slope = term_slope(term, z, partner);
        ASSERT_NEAR(got.loss, static_cast<double>(loss),
                    static_cast<double>(1e-6L * std::fabs(loss) + 2e-7L * (1 + apart)))
            << static_cast<int>(term.shape) << " at " << z << ", " << partner;
        if (at_kink(term, z, partner)) continue;
        ASSERT_NEAR(got.slope, static_cast<double>(slope),
                    static_cast<double>(1e-4L * std::fabs(slope) + 1e-6L))
            << static_cast<int>(term.shape) << " at " << z << ", " << partner;
      }
}

/// Cross-entropy's slope is bounded, so that it is right; what grows with the difference is infinite.
TEST(Objective, DifferencesBeyondTheRangeAreNotTakenForOthers) {
  for (const kernels::LossTerm& term : every_term()) {
    if (!term.paired || term.shape == kernels::LossShape::none) continue;
    SCOPED_TRACE(testing::Message() << static_cast<int>(term.shape) << ", direction " << term.direction);
    const auto got = formula::objective_element(term, FLT_MAX, -FLT_MAX);
    const auto exact = formula::objective_element(term, double{FLT_MAX}, -double{FLT_MAX});
    if (term.shape == kernels::LossShape::logistic) {
      EXPECT_TRUE(std::isfinite(got.loss));
    } else if (exact.loss == 0) {  // beyond the hinge
      EXPECT_EQ(got.loss, 0);
    } else {
      EXPECT_EQ(got.loss, std::copysign(INFINITY, static_cast<float>(exact.loss)));
    }
    if (term.shape == kernels::LossShape::square) {
      EXPECT_EQ(got.slope, std::copysign(INFINITY, static_cast<float>(exact.slope)));
    } else {
      EXPECT_EQ(got.slope, static_cast<float>(exact.slope));
    }
  }
}

TEST(Objective, WhatIsNotFiniteIsSeenInEveryTermsLoss) {
  for (const kernels::LossTerm& term : every_term()) {
    if (term.shape == kernels::LossShape::none) continue;
    for (const float bad : {std::nanf(""), INFINITY, -INFINITY}) {
      EXPECT_FALSE(std::isfinite(formula::objective_element(term, bad, 0.0f).loss));
      EXPECT_FALSE(std::isfinite(formula::objective_element(term, bad, bad).loss));
      EXPECT_EQ(std::isfinite(formula::objective_element(term, 0.0f, bad).loss), !term.paired);
    }
  }
}

TEST(Objective, OutputIsAProbabilityWhereItIsReadAsOne) {
  for (const Objective objective : kObjectives) {
    const auto e = formula::objective_element(loss_term(objective, RowRole::real), 1.5f, 0.25f);
    EXPECT_NEAR(e.output, kernels::is_probability(objective) ? static_cast<double>(sigmoid(1.5L)) : 1.5, 1e-7)
        << to_string(objective);
  }
}

}  // namespace objective_test
}  // namespace agon::test
