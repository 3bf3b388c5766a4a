#include "kernels/encode_records.hpp"

#include <cstring>

#include "kernels/cpu/batch_rows.hpp"
#include "kernels/cpu/random_blocks.hpp"
#include "kernels/cpu/record_columns.hpp"
#include "kernels/formula/uniform.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    32 * 1024;                        // numbers written; below, the other threads are not worth waking
constexpr std::int64_t kPiece = 256;  // uniform numbers that are made at a time

void write_levels(const EncodeRecords& op, const RowRun& run) {
  const RecordShape& shape = op.shape;
  for (std::int64_t i = 0; i < run.count; ++i) {
    float* const row = op.out + (run.first + i) * shape.width();
    const std::uint16_t* const codes = op.codes + run.row[i] * shape.heads;
    std::memset(row, 0, static_cast<std::size_t>(shape.levels) * sizeof(float));
    for (std::int64_t h = 0; h < shape.heads; ++h) row[shape.head_first[h] + codes[h]] = 1.0f;
  }
}

/// After the levels, among which are the gates.
void write_numbers(const EncodeRecords& op, const RowRun& run, const StreamKey& key) {
  const RecordShape& shape = op.shape;
  const std::int64_t begin = (op.number * op.batch + op.first + run.first) * shape.numbers;
  const std::int64_t end = begin + run.count * shape.numbers;
  std::int64_t i = 0, q = 0;  // row of the run and number of the next element
  for (std::int64_t piece = begin; piece < end; piece += kPiece) {
    const std::int64_t count = end - piece < kPiece ? end - piece : kPiece;
    float buffer[room_for_elements(kPiece)];
    const float* const uniform = uniform_numbers(buffer, key, piece, count);
    for (std::int64_t e = 0; e < count; ++e) {
      const float* const range = op.cumulative + op.ranks[run.row[i] * shape.numbers + q];
      const float u = formula::mixed(uniform[e], range[1], range[0]);
      write_number(shape, op.out + (run.first + i) * shape.width(), q, u);
      if (++q == shape.numbers) q = 0, ++i;
    }
  }
}

}  // namespace

void encode_records(QueueView queue, const EncodeRecords& op) {
  const StreamKey key({op.seed, RandomPurpose::rank_noise, op.step});
  const auto write = [&](const RowRun& run) {
    write_levels(op, run);
    write_numbers(op, run, key);
  };
  if (op.source != nullptr) return each_named_run(op.source, 0, op.wanted(), write);
  for_row_runs(queue, op, op.wanted() * op.shape.width() >= kParallelFrom, write);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
