// What an operation works on, and how it moves from a replica's memory to another's (kernels/queue.hpp,
// Replicas).
//
// Beside an operation's contract stands visit_operands(visitor, op): it names every pointer of the operation
// once, with the elements behind it, in the order in which the operation looks at them. A pointer may be
// null: an operand that is not there. A visitor has
//   reads(p, n)              n elements are read
//   writes(p, n)             n elements are overwritten, whatever was there; some may be left alone
//   updates(p, n)            read, then overwritten
//   scales(p, n)             each multiplied by a factor that does not depend on it
//   writes_or_adds(b, p, n)  updates() where b, else writes()
//   updates_if(b, p, n)      updates() where b, else reads()
//   reads_shared(p, n)       read; one memory for all replicas
//   reads_own(b, p, n)       read; where b, each replica has n elements of its own behind the one before;
//                            else reads_shared()
//   ring(p, n)               written; each replica has n elements of its own behind the one before
//   moves(p)                 only the pointer: its parts follow, by
//   reads_part(p, n), updates_part(p, n)
//   seed(s)                  of random numbers: replica r draws with s + r
//   product(rows, in, out, precision)  the operation multiplies matrices: rows x in x out multiply-adds
//   at_once()                what follows happens beside what came before: neither reads what the other
//   writes
//   rarely()                 what follows happens on few of the steps, up to the next at_once()
//
// CUDA computes an operation in one launch where nothing else stands beside its contract:
// launch_count(op, multiprocessors), by our kernels, on a device of so many. It looks at null pointers and at
// shapes, never at addresses.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/formula/annotate.hpp"
#include "kernels/precision.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::formula {

/// How far one replica's memory lies from the first's, and its number.
struct Replica {
  std::int64_t bytes = 0;
  int index = 0;

  /// Null stays null: an operand that is not there. An offset to the pointer, not a new address: so nvcc
  /// still knows which memory it points into.
  template <class T>
  AGON_MEMBER_FORMULA T* at(T* pointer) const {
    using Byte = std::conditional_t<std::is_const_v<T>, const char, char>;
    return reinterpret_cast<T*>(reinterpret_cast<Byte*>(pointer) + (pointer == nullptr ? 0 : bytes));
  }
};

AGON_FORMULA Replica replica_of(const Replicas& all, int index) { return {all.stride * index, index}; }

/// A visitor that does nothing but move pointers, each by Move::moves(pointer).
template <class Move>
class EachPointer {
 public:
  template <class T>
  AGON_MEMBER_FORMULA void reads(T*& pointer, std::int64_t) const {
    move().moves(pointer);
  }
  template <class T>
  AGON_MEMBER_FORMULA void writes(T*& pointer, std::int64_t) const {
    move().moves(pointer);
  }
  template <class T>
  AGON_MEMBER_FORMULA void updates(T*& pointer, std::int64_t) const {
    move().moves(pointer);
  }
  template <class T>
  AGON_MEMBER_FORMULA void scales(T*& pointer, std::int64_t) const {
    move().moves(pointer);
  }
  template <class T>
  AGON_MEMBER_FORMULA void writes_or_adds(bool, T*& pointer, std::int64_t) const {
    move().moves(pointer);
  }
  template <class T>
  AGON_MEMBER_FORMULA void updates_if(bool, T*& pointer, std::int64_t) const {
    move().moves(pointer);
  }
  template <class T>
  AGON_MEMBER_FORMULA void reads_shared(T*& pointer, std::int64_t) const {
    move().moves(pointer);
  }
  template <class T>
  AGON_MEMBER_FORMULA void reads_own(bool, T*& pointer, std::int64_t) const {
    move().moves(pointer);
  }
  template <class T>
  AGON_MEMBER_FORMULA void ring(T*& pointer, std::int64_t) const {
    move().moves(pointer);
  }
  template <class T>
  AGON_MEMBER_FORMULA void reads_part(const T*, std::int64_t) const {}
  template <class T>
  AGON_MEMBER_FORMULA void updates_part(const T*, std::int64_t) const {}
  AGON_MEMBER_FORMULA void seed(std::uint64_t&) const {}
  AGON_MEMBER_FORMULA void at_once() const {}
  AGON_MEMBER_FORMULA void rarely() const {}
  AGON_MEMBER_FORMULA void product(std::int64_t, std::int64_t, std::int64_t, Precision) const {}

 private:
  AGON_MEMBER_FORMULA const Move& move() const { return static_cast<const Move&>(*this); }
};

/// Turns an operation on the first replica's memory into the same on another's.
class MoveOperands : public EachPointer<MoveOperands> {
 public:
  AGON_MEMBER_FORMULA explicit MoveOperands(Replica to) : to_(to) {}

  template <class T>
  AGON_MEMBER_FORMULA void moves(T*& pointer) const {
    pointer = to_.at(pointer);
  }
  template <class T>
  AGON_MEMBER_FORMULA void reads_shared(T*&, std::int64_t) const {}
  template <class T>
  AGON_MEMBER_FORMULA void reads_own(bool own, T*& pointer, std::int64_t n) const {
    if (own && pointer != nullptr) pointer += to_.index * n;
  }
  template <class T>
  AGON_MEMBER_FORMULA void ring(T*& pointer, std::int64_t n) const {
    pointer += to_.index * n;
  }
  AGON_MEMBER_FORMULA void seed(std::uint64_t& seed) const { seed += static_cast<std::uint64_t>(to_.index); }

 private:
  Replica to_;
};

/// The operation, or a part of one, on that replica's memory.
template <class Op>
AGON_FORMULA Op at_replica(Op op, Replica replica) {
  const MoveOperands visitor(replica);
  visit_operands(visitor, op);
  return op;
}

}  // namespace agon::kernels::formula
