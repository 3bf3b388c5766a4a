// The next batch out of a table that lives on the device, in a fresh pseudo-random order every epoch.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Batch number b = *step of_step + number takes positions [b batch, (b + 1) batch) of an endless sequence of
/// epochs; position p is row permute(p % rows) of epoch p / rows, a keyed bijection
/// (formula/permutation.hpp). So every row appears exactly once an epoch, batches run across the seam between
/// epochs, nothing is shuffled on the host and no index array exists. batch may exceed rows.
struct GatherBatch {
  static constexpr std::string_view kName = "gather_batch";
  std::int64_t rows = 0;  ///< of the table; 1 <= rows < 2^31
  std::int64_t width = 0;
  std::int64_t batch = 0;
  std::int64_t first = 0;               ///< the first row of the batch that is wanted
  std::int64_t count = 0;               ///< rows wanted, first + count <= batch; 0: all from first on
  const float* table = nullptr;         ///< (rows, width); null where `bytes` is not
  const std::uint8_t* bytes = nullptr;  ///< (rows, width) of images: formula::from_byte() of them is copied
  float* out = nullptr;                 ///< (count, width), every element written
  float* again = nullptr;               ///< likewise with the same rows; may be null
  std::uint64_t seed = 0;               ///< with RandomPurpose::row_order
  const std::uint64_t* step = nullptr;  ///< device memory, read when the operation runs
  std::int64_t of_step = 1;             ///< batches that a step takes,
  std::int64_t number = 0;              ///< and which of them it is
  bool own = false;                     ///< each replica has a table, one behind the other; else all have one

  AGON_MEMBER_FORMULA std::int64_t wanted() const { return count == 0 ? batch - first : count; }
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, GatherBatch& op) {
  v.reads_own(op.own, op.table, op.rows * op.width);
  v.reads_own(op.own, op.bytes, op.rows * op.width);
  v.writes(op.out, op.wanted() * op.width);
  v.writes(op.again, op.wanted() * op.width);
  v.reads(op.step, 1);
  v.seed(op.seed);
}

void gather_batch(QueueView queue, const GatherBatch& op);
AGON_ON_BACKENDS(void gather_batch(QueueView queue, const GatherBatch& op));

}  // namespace agon::kernels
