// The Dirac-GAN: the smallest game whose dynamics can be written down.
//
// Mescheder, Geiger, Nowozin, "Which training methods for GANs do actually converge?" (ICML 2018), section 2:
// the data are a point at 0, the generator's output is a point at theta, the discriminator is D(x) = psi x.
// Both descend their own losses: with h(f) the discriminator's loss of a fake's logit f, g(f) the
// generator's, and a penalty P(psi), the field is
//   v(theta, psi) = (-g'(f) psi, -h'(f) theta - P'(psi)),  f = psi theta + c.
// The real rows' logit is c whatever psi and theta are, so their loss has no part in it. c is a bias that is
// held: 0, but for least squares, whose discriminator is at rest at 1/2.
// At (0, 0), where v is 0, the field's Jacobian ((0, -g'), (-h', -P'')) has the eigenvalues
//   -P''/2 +- sqrt(P''^2 / 4 + g'(c) h'(c)):
// +-i f'(0) without a penalty, f'(0)^2 = -g' h', that is +-i/2 for the logistic objectives and +-i for hinge
// and Wasserstein: gradient descent circles, and with any finite step spirals out. The hinge's kinks are at
// the logits 1 and -1, away from there. Least squares with c = 0 has h' = 0 and so the eigenvalue 0, twice:
// the discriminator does not see a shift; with c = 1/2 it has +-i/2.
//
// Penalties. A discriminator that is linear has the slope psi everywhere, so it does not matter where a
// penalty is taken: R1 (on the data) and R2 (on fakes), gamma/2 psi^2, have P'' = gamma; WGAN-GP (between the
// two) and DRAGAN (around the data, whose deviation is 0), lambda (|psi| - 1)^2, have P'' = 2 lambda where
// psi is not 0. At psi = 0 theirs has a kink, P' jumps from 2 lambda to -2 lambda, and there is no Jacobian:
// the game has no point of rest and does not converge. What can be compared is the Jacobian beside it, at
// (0, 1):
//   ((-g'' psi^2, -g'), (-h', -2 lambda)).
#pragma once

#include <array>
#include <complex>

#include "kernels/objective.hpp"

namespace agon::host {

/// Row-major.
struct Matrix2 {
  double a = 0, b = 0, c = 0, d = 0;
};

using EigenvaluePair = std::array<std::complex<double>, 2>;

/// The one with the larger real part first; of a conjugate pair the one above the axis.
EigenvaluePair eigenvalues(const Matrix2& matrix);

/// The larger of the two distances, paired so that it is least.
double distance(const EigenvaluePair& one, const EigenvaluePair& other);

struct DiracGame {
  kernels::Objective objective = kernels::Objective::non_saturating;
  double bias = 0;              ///< c; of no effect where the objective pairs
  double r1 = 0, r2 = 0;        ///< gamma of each
  double gradient_penalty = 0;  ///< lambda, of WGAN-GP or DRAGAN
};

struct DiracPoint {
  double theta = 0, psi = 0;
};

/// Of the field by (theta, psi), in closed form. Throws std::invalid_argument with a gradient penalty at psi
/// = 0. On a kink of the hinge the gradient is taken as 0.
Matrix2 dirac_jacobian(const DiracGame& game, const DiracPoint& at);

}  // namespace agon::host
