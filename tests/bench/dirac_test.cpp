// The Dirac-GAN's closed forms: against those that were published, and against differences of its field.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "bench/dirac/dirac.hpp"

namespace agon::test {
namespace dirac_test {

using host::DiracGame;
using host::DiracPoint;
using host::EigenvaluePair;
using host::Matrix2;
using kernels::Objective;
using Complex = std::complex<double>;

constexpr Objective kAll[] = {Objective::non_saturating, Objective::minimax,     Objective::hinge,
                              Objective::least_squares,  Objective::wasserstein, Objective::relativistic};

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

/// L_D, with the penalty, and L_G at real and fake logits in plain words.
double discriminator_loss(const DiracGame& game, double theta, double psi) {
  const double r = game.bias, f = psi * theta + game.bias, slope = std::abs(psi);
  const double penalty =
      (game.r1 + game.r2) / 2 * slope * slope + game.gradient_penalty * (slope - 1) * (slope - 1);
  switch (game.objective) {
    case Objective::hinge:
      return std::max(0.0, 1 - r) + std::max(0.0, 1 + f) + penalty;
    case Objective::least_squares:
      return (r - 1) * (r - 1) / 2 + f * f / 2 + penalty;
    case Objective::wasserstein:
      return f - r + penalty;
    case Objective::relativistic:
      return softplus(f - r) + penalty;
    default:
      return softplus(-r) + softplus(f) + penalty;
  }
}

double generator_loss(const DiracGame& game, double theta, double psi) {
  const double r = game.bias, f = psi * theta + game.bias;
  switch (game.objective) {
    case Objective::non_saturating:
      return softplus(-f);
    case Objective::minimax:
      return -softplus(f);
    case Objective::least_squares:
      return (f - 1) * (f - 1) / 2;
    case Objective::relativistic:
      return softplus(r - f);
    default:
      return -f;
  }
}

/// Second differences of the two losses.
Matrix2 differenced(const DiracGame& game, const DiracPoint& at) {
  constexpr double h = 1e-4;
  const auto second = [&](auto loss, int i, int j) {
    const auto shifted = [&](double si, double sj) {
      const double theta = at.theta + h * (i == 0 ? si : 0) + h * (j == 0 ? sj : 0);
      const double psi = at.psi + h * (i == 1 ? si : 0) + h * (j == 1 ? sj : 0);
      return loss(game, theta, psi);
    };
    return (shifted(1, 1) - shifted(1, -1) - shifted(-1, 1) + shifted(-1, -1)) / (4 * h * h);
  };
  return {-second(generator_loss, 0, 0), -second(generator_loss, 0, 1), -second(discriminator_loss, 1, 0),
          -second(discriminator_loss, 1, 1)};
}

EigenvaluePair at_origin(const DiracGame& game) { return eigenvalues(host::dirac_jacobian(game, {})); }

TEST(Dirac, EigenvaluesOfKnownMatrices) {
  EXPECT_EQ(host::eigenvalues({2, 0, 0, -1}), (EigenvaluePair{2, -1}));
  EXPECT_EQ(host::eigenvalues({0, -3, 3, 0}), (EigenvaluePair{Complex(0, 3), Complex(0, -3)}));
  EXPECT_EQ(host::eigenvalues({0, 1, 0, 0}), (EigenvaluePair{0, 0}));
  const EigenvaluePair e = host::eigenvalues({1, 2, 3, 4});
  EXPECT_NEAR(e[0].real(), (5 + std::sqrt(33.0)) / 2, 1e-14);
  EXPECT_NEAR(e[1].real(), (5 - std::sqrt(33.0)) / 2, 1e-14);
}

TEST(Dirac, DistanceIsOfTheBetterPairing) {
  EXPECT_EQ(host::distance({Complex(0, 1), Complex(0, -1)}, {Complex(0, -1), Complex(0, 1)}), 0);
  EXPECT_EQ(host::distance({1.0, 2.0}, {2.5, 1.0}), 0.5);
}

TEST(Dirac, UnregularisedIsPlusMinusISlope) {
  const auto imaginary = [](double y) { return EigenvaluePair{Complex(0, y), Complex(0, -y)}; };
  for (const Objective objective : {Objective::non_saturating, Objective::minimax, Objective::relativistic})
    EXPECT_LT(host::distance(at_origin({.objective = objective}), imaginary(0.5)), 1e-15);
  for (const Objective objective : {Objective::hinge, Objective::wasserstein})
    EXPECT_LT(host::distance(at_origin({.objective = objective}), imaginary(1)), 1e-15);
  EXPECT_EQ(at_origin({.objective = Objective::least_squares}), (EigenvaluePair{0, 0}));
  EXPECT_LT(host::distance(at_origin({.objective = Objective::least_squares, .bias = 0.5}), imaginary(0.5)),
            1e-15);
}

/// Mescheder et al. (2018) for R1; R2's is alike. Both sides of the critical gamma.
TEST(Dirac, ZeroCentredPenaltiesDamp) {
  for (const double gamma : {0.1, 0.5, 2.0, 10.0}) {
    const Complex root = std::sqrt(Complex(gamma * gamma / 4 - 0.25, 0));
    const EigenvaluePair published{-gamma / 2 + root, -gamma / 2 - root};
    EXPECT_LT(host::distance(at_origin({.r1 = gamma}), published), 1e-14);
    EXPECT_LT(host::distance(at_origin({.r2 = gamma}), published), 1e-14);
    EXPECT_LT(host::distance(at_origin({.r1 = gamma / 2, .r2 = gamma / 2}), published), 1e-14);
    EXPECT_LT(published[0].real(), 0);
  }
}

/// With slope 1 the trace is -2 lambda -+ g'', the determinant 2 lambda g'' + f'(0)^2.
TEST(Dirac, GradientPenaltyBesideItsKink) {
  const double lambda = 10;
  const EigenvaluePair e =
      eigenvalues(host::dirac_jacobian({.gradient_penalty = lambda}, DiracPoint{.theta = 0, .psi = 1}));
  EXPECT_NEAR((e[0] + e[1]).real(), -0.25 - 2 * lambda, 1e-12);
  EXPECT_NEAR((e[0] * e[1]).real(), 2 * lambda * 0.25 + 0.25, 1e-12);
  EXPECT_THROW(host::dirac_jacobian({.gradient_penalty = lambda}, {}), std::invalid_argument);
}

TEST(Dirac, JacobianIsTheLossesSecondDifferences) {
  for (const Objective objective : kAll) {
    for (const DiracPoint at :
         {DiracPoint{0, 0}, DiracPoint{0.3, -0.7}, DiracPoint{-0.4, 1.1}, DiracPoint{0, 1}}) {
      for (const DiracGame game :
           {DiracGame{.objective = objective}, DiracGame{.objective = objective, .bias = 0.5},
            DiracGame{.objective = objective, .r1 = 0.7, .r2 = 0.2},
            DiracGame{.objective = objective, .gradient_penalty = 3}}) {
        if (game.gradient_penalty > 0 && at.psi == 0) continue;
        const Matrix2 closed = host::dirac_jacobian(game, at), numeric = differenced(game, at);
        EXPECT_NEAR(closed.a, numeric.a, 1e-6);
        EXPECT_NEAR(closed.b, numeric.b, 1e-6);
        EXPECT_NEAR(closed.c, numeric.c, 1e-6);
        EXPECT_NEAR(closed.d, numeric.d, 1e-6);
      }
    }
  }
}

TEST(Dirac, BeyondTheHingesKinkTheDiscriminatorStandsStill) {
  const Matrix2 m = host::dirac_jacobian({.objective = Objective::hinge}, {.theta = -1.5, .psi = 1});
  EXPECT_EQ(m.c, 0);
  EXPECT_EQ(m.d, 0);
}

}  // namespace dirac_test
}  // namespace agon::test
