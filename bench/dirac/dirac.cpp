#include "bench/dirac/dirac.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace agon::host {
namespace {

/// First and second derivatives of both players' losses by the fake's logit.
struct Derivatives {
  double h1, h2, g1, g2;
};

Derivatives derivatives(kernels::Objective objective, double logit) {
  using kernels::Objective;
  const double s = 1 / (1 + std::exp(-logit)), curvature = s * (1 - s);
  switch (objective) {
    case Objective::non_saturating:
    case Objective::relativistic:  // sp(f - r) and sp(r - f), the logit being f - r
      return {s, curvature, s - 1, curvature};
    case Objective::minimax:
      return {s, curvature, -s, -curvature};
    case Objective::hinge:
      return {logit > -1 ? 1.0 : 0.0, 0, -1, 0};
    case Objective::least_squares:
      return {logit, 1, logit - 1, 1};
    case Objective::wasserstein:
      return {1, 0, -1, 0};
  }
  throw std::invalid_argument("an objective without a closed form");
}

}  // namespace

EigenvaluePair eigenvalues(const Matrix2& m) {
  const double middle = (m.a + m.d) / 2, half = (m.a - m.d) / 2;
  const std::complex<double> root = std::sqrt(std::complex<double>(half * half + m.b * m.c, 0));
  return {middle + root, middle - root};
}

double distance(const EigenvaluePair& one, const EigenvaluePair& other) {
  const double straight = std::max(std::abs(one[0] - other[0]), std::abs(one[1] - other[1]));
  const double crossed = std::max(std::abs(one[0] - other[1]), std::abs(one[1] - other[0]));
  return std::min(straight, crossed);
}

Matrix2 dirac_jacobian(const DiracGame& game, const DiracPoint& at) {
  if (game.gradient_penalty != 0 && at.psi == 0)
    throw std::invalid_argument("a gradient penalty has a kink at psi = 0");
  const double product = at.psi * at.theta;
  const auto d = derivatives(game.objective, is_paired(game.objective) ? product : product + game.bias);
  const double penalty = game.r1 + game.r2 + 2 * game.gradient_penalty;
  return {-d.g2 * at.psi * at.psi, -(d.g1 + d.g2 * product), -(d.h1 + d.h2 * product),
          -d.h2 * at.theta * at.theta - penalty};
}

}  // namespace agon::host
