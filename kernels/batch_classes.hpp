// The classes of the next batch's rows: what the generator is asked for beside them.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Of the rows that a GatherBatch of the same numbers takes (kernels/gather_batch.hpp): the class of each,
/// and the same one-hot.
struct BatchClasses {
  static constexpr std::string_view kName = "batch_classes";
  std::int64_t rows = 0;  ///< of the table; 1 <= rows < 2^31
  std::int64_t batch = 0;
  std::int64_t first = 0;                 ///< the first row of the batch that is wanted
  std::int64_t count = 0;                 ///< rows wanted, first + count <= batch; 0: all from first on
  const std::int32_t* classes = nullptr;  ///< (rows), from 0 to levels - 1
  std::int64_t levels = 0;                ///< how many classes there are
  std::int32_t* chosen = nullptr;         ///< (count): each row's class
  float* out = nullptr;  ///< (count, width): the last `levels` columns become one-hot, the others stay
  std::int64_t width = 0;
  std::int32_t* chosen_again = nullptr;  ///< likewise with the same rows,
  float* again = nullptr;                ///< and both may be null
  std::uint64_t seed = 0;                ///< with RandomPurpose::row_order
  const std::uint64_t* step = nullptr;   ///< device memory, read when the operation runs
  std::int64_t of_step = 1;              ///< batches that a step takes,
  std::int64_t number = 0;               ///< and which of them it is

  AGON_MEMBER_FORMULA std::int64_t wanted() const { return count == 0 ? batch - first : count; }
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, BatchClasses& op) {
  v.reads_shared(op.classes, op.rows);
  v.writes(op.chosen, op.wanted());
  v.writes(op.out, op.wanted() * op.width);
  v.writes(op.chosen_again, op.wanted());
  v.writes(op.again, op.wanted() * op.width);
  v.reads(op.step, 1);
  v.seed(op.seed);
}

void batch_classes(QueueView queue, const BatchClasses& op);
AGON_ON_BACKENDS(void batch_classes(QueueView queue, const BatchClasses& op));

}  // namespace agon::kernels
