// The activations, each with its derivative read off its output. A further one is a struct here, and a case.
#pragma once

#include "kernels/activation_kind.hpp"
#include "kernels/formula/annotate.hpp"
#include "kernels/formula/elementary.hpp"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::formula {

struct IdentityActivation {
  static AGON_MEMBER_FORMULA float of(float x, float) { return x; }
  static AGON_MEMBER_FORMULA float derivative(float, float) { return 1.0f; }
};

struct LeakyReluActivation {
  static AGON_MEMBER_FORMULA float of(float x, float slope) { return leaky_relu(x, slope); }
  static AGON_MEMBER_FORMULA float derivative(float y, float slope) {
    return leaky_relu_derivative(y, slope);
  }
};

/// With e^(-2|x|) = 2^n (1 + p), its distance from 1 is (1 - 2^n) - 2^n p, where 1 - 2^n is exact: no digits
/// cancel near 0. Beyond |x| = 22 that distance is 1. To 3 ulp.
struct TanhActivation {
  static AGON_MEMBER_FORMULA float of(float x, float) {
    const float magnitude = float_of(bits_of(x) & 0x7fffffffu);
    const ExponentialParts e = split_exponential(magnitude > 22.0f ? -44.0f : -2.0f * magnitude);
    const float power = scaled_by_power(1.0f, e.n);
    const float distance = fused(-power, e.p, 1.0f - power);
    return float_of(bits_of(quotient(distance, 2.0f - distance)) | (bits_of(x) & 0x80000000u));
  }
  static AGON_MEMBER_FORMULA float derivative(float y, float) { return fused(-y, y, 1.0f); }
};

/// 1 / (1 + e) or e / (1 + e), with e = e^-|x|; down to where e leaves the denormal numbers. To 3 ulp.
struct SigmoidActivation {
  static AGON_MEMBER_FORMULA float of(float x, float) {
    const float negative = float_of(bits_of(x) | 0x80000000u);
    const ExponentialParts parts = split_exponential(negative < -104.0f ? -104.0f : negative);
    const float e = scaled_by_power(parts.p + 1.0f, parts.n + 64u) * 0x1p-64f;
    const float y = quotient(x < 0.0f ? e : 1.0f, 1.0f + e);
    return x == x ? y : x;
  }
  static AGON_MEMBER_FORMULA float derivative(float y, float) { return fused(-y, y, y); }
};

/// use(the kind's struct): the one place that tells kinds apart.
template <class Use>
AGON_FORMULA auto with_activation(ActivationKind kind, const Use& use) {
  switch (kind) {
    case ActivationKind::leaky_relu:
      return use(LeakyReluActivation{});
    case ActivationKind::tanh:
      return use(TanhActivation{});
    case ActivationKind::sigmoid:
      return use(SigmoidActivation{});
    default:
      return use(IdentityActivation{});
  }
}

/// phi(x).
AGON_FORMULA float activation(ActivationKind kind, float slope, float x) {
  return with_activation(kind, [&](auto phi) { return phi.of(x, slope); });
}

/// phi'(x), read off y = phi(x).
AGON_FORMULA float activation_derivative(ActivationKind kind, float slope, float y) {
  return with_activation(kind, [&](auto phi) { return phi.derivative(y, slope); });
}

}  // namespace agon::kernels::formula
