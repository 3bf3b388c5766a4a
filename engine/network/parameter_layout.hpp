// Where a network's parameters lie, known from its specification alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/network/network_spec.hpp"

namespace agon {

/// Where a named tensor lies in a network's flat buffers.
struct TensorView {
  std::string name;                 ///< "generator.0.weight": network, layer, and weight, bias, gamma or beta
  std::vector<std::int64_t> shape;  ///< WeightedPart::weight_shape(), or a row of numbers
  std::int64_t offset = 0;          ///< in elements; a multiple of 16 (64 bytes)
  std::int64_t size = 0;            ///< in elements

  bool is_weight() const { return shape.size() > 1; }
  /// Of a weight as a matrix: its rows, shape[0], and its columns, all else.
  std::int64_t matrix_columns() const { return size / shape.front(); }
};

/// Elements that a tensor of `size` takes in a flat buffer.
std::int64_t aligned(std::int64_t size);

/// The parameters of a network of that name, in layer order.
std::vector<TensorView> parameter_layout(const std::string& name, const NetworkSpec& spec);

}  // namespace agon
