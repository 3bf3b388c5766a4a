// The next batch of records out of a table of codes and ranks, encoded as the discriminator reads it.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"
#include "kernels/record_shape.hpp"

namespace agon::kernels {

/// Takes the rows that a GatherBatch with the same rows, batch, first, count, seed, step, of_step and number
/// would take (kernels/gather_batch.hpp), and writes each as RecordShape has it. A number's rank is
/// u = c[r] + U (c[r + 1] - c[r]) with r its entry of `ranks`, c = cumulative, and U uniform in [0, 1), fresh
/// for every draw: element (batch number * batch + position in the batch) * numbers + number of the stream
/// (seed, RandomPurpose::rank_noise, *step), where the batch number is `number`.
struct EncodeRecords {
  static constexpr std::string_view kName = "encode_records";
  RecordShape shape;
  std::int64_t rows = 0;  ///< of the table; 1 <= rows < 2^31
  std::int64_t batch = 0;
  std::int64_t first = 0;                ///< the first row of the batch that is wanted
  std::int64_t count = 0;                ///< rows wanted, first + count <= batch; 0: all from first on
  const std::uint16_t* codes = nullptr;  ///< (rows, shape.heads): the level of each head, counted within it
  const std::uint32_t* ranks = nullptr;  ///< (rows, shape.numbers)
  const float* cumulative = nullptr;     ///< (cumulative_size)
  std::int64_t cumulative_size = 0;
  const std::uint32_t* source = nullptr;  ///< (count): the rows to take, in the place of those; or null
  float* out = nullptr;                 ///< (count, shape.width()), all but what is beside the record written
  std::uint64_t seed = 0;               ///< with RandomPurpose::row_order and rank_noise
  const std::uint64_t* step = nullptr;  ///< device memory, read when the operation runs
  std::int64_t of_step = 1;             ///< batches that a step takes,
  std::int64_t number = 0;              ///< and which of them it is
  bool own = false;  ///< each replica has codes and ranks, one behind the other; else all have the same

  AGON_MEMBER_FORMULA std::int64_t wanted() const { return count == 0 ? batch - first : count; }
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, EncodeRecords& op) {
  visit_operands(v, op.shape);
  v.reads_own(op.own, op.codes, op.rows * op.shape.heads);
  v.reads_own(op.own, op.ranks, op.rows * op.shape.numbers);
  v.reads_shared(op.cumulative, op.cumulative_size);
  v.reads(op.source, op.wanted());
  v.writes(op.out, op.wanted() * op.shape.width());
  v.reads(op.step, 1);
  v.seed(op.seed);
}

void encode_records(QueueView queue, const EncodeRecords& op);
AGON_ON_BACKENDS(void encode_records(QueueView queue, const EncodeRecords& op));

}  // namespace agon::kernels
