// A multilayer perceptron: its widths, its parameters in flat buffers, its forward and backward sweeps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/runtime/arena.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/linear.hpp"

namespace agon {

/// widths = {in, hidden..., out}: at least two, each >= 1. LeakyReLU(slope) follows every layer but the last.
struct NetworkSpec {
  std::vector<std::int64_t> widths;
  float slope = 0.2f;

  friend bool operator==(const NetworkSpec&, const NetworkSpec&) = default;
};

/// Where a named tensor lies in a network's flat buffers.
struct TensorView {
  std::string name;                  ///< "generator.0.weight": network, layer, weight or bias
  std::vector<std::int64_t> shape;   ///< (out, in) or (out)
  std::int64_t offset = 0;           ///< in elements; a multiple of 4 (16 bytes)
  std::int64_t size = 0;             ///< in elements
};
}  // namespace agon
