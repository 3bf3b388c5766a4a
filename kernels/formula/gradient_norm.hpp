// From a gradient's sum of squares to what Adam reads.
#pragma once

#include "kernels/adam.hpp"
#include "kernels/formula/annotate.hpp"
#include "kernels/gradient_norm.hpp"

namespace agon::kernels::formula {

AGON_FORMULA void set_gradient_norm(AdamState& state, double clip, double squares) {
  constexpr double kEpsilon = 1e-6;
  const double norm = square_root(squares);
  const double ratio = clip / (norm + kEpsilon);
  state.gradient_norm = static_cast<float>(norm);
  state.gradient_scale = ratio < 1.0 ? static_cast<float>(ratio) : 1.0f;
}

}  // namespace agon::kernels::formula
