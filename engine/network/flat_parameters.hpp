// A network's parameters, and what is kept beside them.
#pragma once

#include <cstdint>

namespace agon {

/// Equal buffers of `size` elements. Gaps between tensors are zero and stay so.
struct FlatParameters {
  float* value = nullptr;
  float* gradient = nullptr;
  float* moment1 = nullptr;
  float* moment2 = nullptr;
  float* normalised = nullptr;  ///< `value` with its weights divided by their spectral norms; null: none
  float* singular = nullptr;    ///< each weight's u and v; null: none
  float* spectral = nullptr;    ///< each weight's sigma, and scratch as large as `singular`; null: none
  float* average = nullptr;     ///< exponential moving average of `value`; null where none is kept
  float* running = nullptr;     ///< batch norm: hidden layers' running means and variances; or null
  float* no_bias = nullptr;     ///< where layers have none: zeroes for them, and behind these room for what
                             ///< would be the bias's gradient
  /// With heads: the first level of each and their number of levels, then the numbers' gates
  /// (kernels/record_shape.hpp).
  std::int32_t* records = nullptr;
  std::int64_t size = 0;

  /// What sweeps read the weights from.
  const float* weights() const { return normalised != nullptr ? normalised : value; }
  /// The same buffers, `bytes` further on.
  FlatParameters moved(std::int64_t bytes) const;
};

}  // namespace agon
