#include "engine/program/program.hpp"

#include <algorithm>

namespace agon {

const Temporary* Program::temporary_at(const void* first) const {
  const auto found = std::ranges::find(temporaries_, static_cast<const std::byte*>(first), &Temporary::first);
  return found == temporaries_.end() ? nullptr : &*found;
}

Program Program::joined(const Temporary& first, const Temporary& second) const {
  Program other = *this;
  std::erase_if(other.temporaries_, [&](const Temporary& temporary) {
    return temporary.first == first.first || temporary.first == second.first;
  });
  const std::byte* const whole =
      other.take<std::byte>(static_cast<std::size_t>(first.bytes + second.bytes), first.label);
  const AddressMap map = [&](const void* pointer) -> const void* {
    const auto* const address = static_cast<const std::byte*>(pointer);
    if (address >= first.first && address < first.first + first.bytes) return whole + (address - first.first);
    if (address >= second.first && address < second.first + second.bytes)
      return whole + first.bytes + (address - second.first);
    return pointer;
  };
  for (Operation& operation : other.operations_) operation = operation.relocated(map);
  return other;
}

}  // namespace agon
