// How a record lies in a row: heads of levels, then numbers.
#pragma once

#include <cstdint>

#include "kernels/formula/replica.hpp"
#include "kernels/record_kind.hpp"

namespace agon::kernels {

/// What the discriminator reads of a number's rank u: hat functions with knots at 0, 1/16, ..., 1, each 1 at
/// its own knot and falling to 0 at the next ones, and then 2u - 1; all of them times the number's gate.
inline constexpr std::int64_t kNumberHats = 17;

/// Columns of a number.
AGON_FORMULA std::int64_t number_width(NumberLink link) {
  return link == NumberLink::rank ? kNumberHats + 1 : 1;
}

/// A row of scores is [a logit for each level of each head | a score for each number]. A row that networks
/// read is [columns of the levels of each head | number_width(link) columns for each number | what is
/// beside them].
struct RecordShape {
  std::int64_t heads = 0;
  std::int64_t levels = 0;  ///< of all heads
  std::int64_t numbers = 0;
  const std::int32_t* head_first =
      nullptr;  ///< (heads + 1): the first level of each head; the last is `levels`
  const std::int32_t* gate =
      nullptr;  ///< (numbers): the level at which it has a value; -1: it always has one, as gumbel asks
  HeadChoice choice = HeadChoice::straight_through;
  NumberLink link = NumberLink::rank;
  std::int64_t beside = 0;  ///< further columns of the row, which are not the heads' and are left alone

  AGON_MEMBER_FORMULA std::int64_t scores() const { return levels + numbers; }
  AGON_MEMBER_FORMULA std::int64_t width() const { return levels + numbers * number_width(link) + beside; }
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, RecordShape& op) {
  v.reads(op.head_first, op.heads + 1);
  v.reads(op.gate, op.numbers);
}

}  // namespace agon::kernels
