// One way over a convolution.
#pragma once

#include <cstdint>

#include "kernels/convolution_shape.hpp"
#include "kernels/cpu/linear/gemm.hpp"
#include "kernels/precision.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

/// One way over a convolution: from the fine images to the coarse ones, or up from the coarse ones.
struct Way {
  ConvolutionShape shape;
  bool up = false;
  const float* from = nullptr;
  const float* weight = nullptr;
  const float* panels = nullptr;  ///< weights_of() each group, packed; or null
  float* to = nullptr;
  Finish finish = Finish::plain;
  float slope = 1.0f;
  const float* bias = nullptr;        ///< Finish::activation: (channels of `to`)
  float* y = nullptr;                 ///< Finish::derivative, tangent: of `to`'s shape; the latter updates it
  const float* row_weight = nullptr;  ///< Finish::tangent: (batch)
  Precision precision = Precision::fp32;
};

/// A group's weights as a right factor: patches are multiplied by them on the way down, and made on the way
/// up.
inline Product weights_of(const Way& way, std::int64_t group) {
  const ConvolutionShape& s = way.shape;
  Product product{
      .b = way.weight + group * s.coarse_group() * s.patch(), .ldb = s.patch(), .precision = way.precision};
  product.n = way.up ? s.patch() : s.coarse_group();
  product.k = way.up ? s.coarse_group() : s.patch();
  product.b_layout = way.up ? Layout::row_major : Layout::column_major;
  if (way.panels != nullptr) product.panels = way.panels + group * packed_floats(product);
  return product;
}

/// Writes `value`, finished, from element `at` of the images on.
AGON_INLINE void finish_vector(const Way& way, std::int64_t at, Vector bias, Vector weight, int lanes,
                               Vector value) {
  const Vector slope = broadcast(way.slope);
  const bool whole = lanes == kLanes;
  const auto write = [&](float* p, Vector v) { whole ? store(p, v) : store_first(p, v, lanes); };
  if (way.finish == Finish::activation) {
    value = leaky_relu(value + bias, slope);
  } else if (way.finish != Finish::plain) {
    const Vector y = whole ? load(way.y + at) : load_first(way.y + at, lanes);
    value = leaky_relu_gradient(y, value, slope);
    if (way.finish == Finish::tangent) write(way.y + at, multiply_add(weight, y, value));
  }
  write(way.to + at, value);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
