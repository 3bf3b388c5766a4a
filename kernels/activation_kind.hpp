// The activations that there are.
#pragma once

#include <cstdint>

namespace agon::kernels {

///   identity     x
///   leaky_relu   x > 0 ? x : slope x                Maas, Hannun, Ng (2013)
///   tanh         tanh(x), on (-1, 1)
///   sigmoid      1 / (1 + e^-x), on (0, 1)
enum class ActivationKind : std::uint8_t { identity, leaky_relu, tanh, sigmoid };

}  // namespace agon::kernels
