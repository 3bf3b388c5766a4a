// What heads of records can be.
#pragma once

#include <cstdint>

namespace agon::kernels {

/// How a head's scores become its levels' columns, x.
enum class HeadChoice : std::uint8_t {
  /// 1 for the highest (the first of equals), else 0; back as if x = softmax(scores / kHeadTemperature)
  /// (Bengio, Leonard, Courville, "Estimating or propagating gradients through stochastic neurons", 2013;
  /// without noise).
  straight_through,
  /// x = softmax(scores / kGumbelTemperature), where Gumbel noise is in the scores already
  /// (kernels/gumbel_noise.hpp): Jang, Gu, Poole, "Categorical reparameterization with Gumbel-softmax"
  /// (2017);
  /// Maddison, Mnih, Teh, "The concrete distribution" (2017).
  gumbel,
};

/// How a number's score s becomes u in [0, 1], and its columns.
enum class NumberLink : std::uint8_t {
  rank,  ///< u = Phi(s); hat functions of u, then 2u - 1
  tanh,  ///< u = (1 + tanh(s)) / 2; 2u - 1 alone
};

/// Divides the logits in the gradient's softmax, or in the softmax itself.
inline constexpr float kHeadTemperature = 0.7f;
inline constexpr float kGumbelTemperature = 0.2f;

}  // namespace agon::kernels
