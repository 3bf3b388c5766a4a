// The shape of a linear layer.
#pragma once

#include <compare>
#include <cstdint>

namespace agon::kernels {

struct LinearShape {
  std::int64_t batch = 0;  ///< rows; any value >= 1
  std::int64_t in = 0;     ///< columns of the input; any value >= 1
  std::int64_t out = 0;    ///< columns of the output; any value >= 1

  friend auto operator<=>(const LinearShape&, const LinearShape&) = default;
};

}  // namespace agon::kernels
