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

}  // namespace agon::kernels::formula
