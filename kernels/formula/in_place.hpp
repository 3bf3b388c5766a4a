// Memory of an operation that may be another operand's own.
#pragma once

#include "kernels/formula/annotate.hpp"

namespace agon::kernels::formula {

/// An operand with memory of its own, or in the place of the operand that the contract names: the operation
/// then changes that one.
template <class T>
struct InPlaceOr {
  T* own = nullptr;  ///< null: in place

  AGON_MEMBER_FORMULA bool in_place() const { return own == nullptr; }
  AGON_MEMBER_FORMULA T* at(T* place) const { return in_place() ? place : own; }
};

}  // namespace agon::kernels::formula
