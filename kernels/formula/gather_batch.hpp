// Which of the endless sequence of epochs' rows a batch takes.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"

namespace agon::kernels::formula {

/// Of the first row that is wanted by a GatherBatch, or what chooses its rows alike.
template <class Op>
AGON_FORMULA std::uint64_t first_position(const Op& op, std::uint64_t step) {
  const std::uint64_t batch =
      step * static_cast<std::uint64_t>(op.of_step) + static_cast<std::uint64_t>(op.number);
  return batch * static_cast<std::uint64_t>(op.batch) + static_cast<std::uint64_t>(op.first);
}

/// From a byte of an image, 0 to 255, to a number from -1 to 1, and back from any number.
AGON_FORMULA float from_byte(std::uint8_t byte) { return static_cast<float>(byte) * (2.0f / 255.0f) - 1.0f; }
inline std::uint8_t to_byte(float value) {
  const float scaled = (value + 1.0f) * 127.5f + 0.5f;
  return static_cast<std::uint8_t>(scaled >= 255.0f ? 255.0f : scaled > 0.0f ? scaled : 0.0f);
}

}  // namespace agon::kernels::formula
