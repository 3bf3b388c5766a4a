// The arithmetic of products: what is rounded, and how.
#pragma once

#include <cstdint>

namespace agon::kernels {

/// How the products of linear layers are computed: by our kernels, the same on every device. Memory holds
/// fp32 in each of them: parameters (the master weights), activations, gradients and moments. In tf32 and
/// bf16 both factors of a product are rounded (kernels/formula/rounding.hpp); the product of rounded factors
/// is exact, and sums are fp32's. Thin layers (kernels/linear.hpp) are fp32 in each.
enum class Precision : std::uint8_t {
  fp32,  ///< IEEE single products and sums
  tf32,  ///< factors of 10 bits of mantissa: relative error at most 2^-11 each
  bf16,  ///< factors of 7 bits of mantissa: relative error at most 2^-8 each
};

}  // namespace agon::kernels
