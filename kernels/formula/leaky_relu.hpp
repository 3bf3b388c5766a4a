// LeakyReLU and its derivative.
#pragma once

#include "kernels/formula/annotate.hpp"

namespace agon::kernels::formula {

/// phi(z). Slope on [0, 1]; 1 is the identity. Source: Maas, Hannun, Ng (2013), as in kernels/linear.hpp.
AGON_FORMULA float leaky_relu(float z, float slope) { return z > 0.0f ? z : slope * z; }

/// phi'(z), read off y = phi(z), which has z's sign.
AGON_FORMULA float leaky_relu_derivative(float y, float slope) { return y > 0.0f ? 1.0f : slope; }

}  // namespace agon::kernels::formula
