// Conditions: levels of a record that the generator is asked for.
#pragma once

#include <cstdint>

#include "kernels/formula/replica.hpp"

namespace agon::kernels {

/// Some of a record's heads, their levels counted from 0 through all of them.
struct ConditionShape {
  std::int64_t heads = 0;
  std::int64_t levels = 0;                   ///< of these heads
  const std::int32_t* first = nullptr;       ///< (heads + 1): the first level of each; the last is `levels`
  const std::int32_t* score = nullptr;       ///< (heads): the column of the scores that its first level has
  const std::uint32_t* threshold = nullptr;  ///< (levels): 2^31 times the probability, given the head, of
                                             ///< this level or one before it; 2^31 of each head's last
  bool own = false;  ///< each replica has thresholds, one behind the other; else all have the same
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ConditionShape& op) {
  v.reads_shared(op.first, op.heads + 1);
  v.reads_shared(op.score, op.heads);
  v.reads_own(op.own, op.threshold, op.levels);
}

/// The rows of a table that have each level: of level l, elements [first[l], first[l + 1]) of `rows`.
struct RowsByLevel {
  const std::int64_t* first = nullptr;  ///< (levels + 1)
  const std::uint32_t* rows = nullptr;  ///< (size)
  std::int64_t size = 0;
  bool own = false;  ///< each replica has both, one behind the other; else all have the same
};

}  // namespace agon::kernels
