#include "engine/runtime/arena.hpp"

#include <string>

#include "kernels/error.hpp"

namespace agon {

std::byte* Arena::take_bytes(std::size_t bytes) {
  if (bytes > memory_.size() - used_) {
    throw DeviceError("arena of " + std::to_string(memory_.size()) +
                      " bytes is full: " + std::to_string(bytes) + " asked for, " +
                      std::to_string(memory_.size() - used_) + " left");
  }
  std::byte* const piece = memory_.data() + used_;
  used_ += bytes;
  return piece;
}

}  // namespace agon
