// What divides the vectors of a power iteration, and the gradient through the division of a weight.
#pragma once

#include "kernels/formula/annotate.hpp"

namespace agon::kernels::formula {

/// Of a vector whose sum of squares that is: its length, or 1e-12 where it is shorter.
AGON_FORMULA float unit_divisor(double squares) {
  constexpr double kShortest = 1e-12;
  const double length = square_root(squares);
  return static_cast<float>(length > kShortest ? length : kShortest);
}

/// An element of (G - <G, normalised> u v^T) / sigma; `along` is <G, normalised>.
AGON_FORMULA float spectral_gradient_element(float gradient, float along, float left, float right,
                                             float sigma) {
  return quotient(fused(-(along * left), right, gradient), sigma);
}

}  // namespace agon::kernels::formula
