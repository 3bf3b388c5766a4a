// From a replica's memory to another's (kernels/queue.hpp, Replicas). An operation's header has the
// operation's at_replica(op, replica): the same operation on that replica's memory.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::formula {

/// How far one replica's memory lies from the first's, and its number.
struct Replica {
  std::int64_t bytes = 0;
  int index = 0;

  /// Null stays null: an operand that is not there.
  template <class T>
  AGON_MEMBER_FORMULA T* at(T* pointer) const {
    return pointer == nullptr ? nullptr
                              : reinterpret_cast<T*>(reinterpret_cast<std::uintptr_t>(pointer) +
                                                     static_cast<std::uintptr_t>(bytes));
  }
  /// Each of them.
  template <class... T>
  AGON_MEMBER_FORMULA void move(T*&... pointers) const {
    ((pointers = at(pointers)), ...);
  }
};

AGON_FORMULA Replica replica_of(const Replicas& all, int index) { return {all.stride * index, index}; }

}  // namespace agon::kernels::formula
