#include "engine/gan/encoded_rows.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "engine/gan/condition_tables.hpp"
#include "engine/network/layer.hpp"
#include "engine/runtime/buffer.hpp"
#include "kernels/encode_records.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

void require_size(const char* what, std::size_t size, std::int64_t expected) {
  if (static_cast<std::int64_t>(size) != expected)
    throw DataError("the records have " + std::to_string(size) + " " + what + ", not " +
                    std::to_string(expected));
}

template <class T>
Buffer<T> on_device(const Queue& queue, const std::vector<T>& values) {
  Buffer<T> buffer(queue.device(), std::max<std::size_t>(values.size(), 1));
  queue.upload(buffer.data(), std::span(values));
  return buffer;
}

/// `source`, (count) or empty: the rows to take.
std::vector<float> encoded(const Queue& queue, const RecordLayout& layout, const CodedRows& records,
                           std::int64_t count, std::uint64_t seed, const std::vector<std::uint32_t>& source) {
  check_records(layout, records);
  const auto numbers = on_device(queue, record_numbers(layout));
  const auto codes = on_device(queue, records.codes);
  const auto ranks = on_device(queue, records.ranks);
  const auto cumulative = on_device(queue, records.cumulative);
  const auto step = on_device(queue, std::vector<std::uint64_t>{0});
  const auto wanted = on_device(queue, source);
  std::vector<float> rows(static_cast<std::size_t>(count * layout.width()));
  Buffer<float> out(queue.device(), std::max<std::size_t>(rows.size(), 1));
  kernels::encode_records(queue, {.shape = shape_of(layout, numbers.data()),
                                  .rows = records.rows,
                                  .batch = count,
                                  .codes = codes.data(),
                                  .ranks = ranks.data(),
                                  .cumulative = cumulative.data(),
                                  .cumulative_size = static_cast<std::int64_t>(records.cumulative.size()),
                                  .source = source.empty() ? nullptr : wanted.data(),
                                  .out = out.data(),
                                  .seed = seed,
                                  .step = step.data()});
  queue.download(std::span(rows), static_cast<const float*>(out.data()));
  answer_conditions(layout, seed, rows);
  return rows;
}

}  // namespace

void check_records(const RecordLayout& layout, const CodedRows& records) {
  const auto heads = static_cast<std::int64_t>(layout.heads.size());
  if (records.rows < 0 || records.rows >= std::int64_t{1} << 31)
    throw DataError("records need between 0 and 2^31 - 1 rows, not " + std::to_string(records.rows));
  require_size("codes", records.codes.size(), records.rows * heads);
  require_size("ranks", records.ranks.size(), records.rows * layout.numbers());
  for (std::size_t i = 0; i < records.codes.size(); ++i)
    if (records.codes[i] >= layout.heads[i % layout.heads.size()])
      throw DataError("record " + std::to_string(i / layout.heads.size() + 1) + " has level " +
                      std::to_string(records.codes[i]) + " of a head of " +
                      std::to_string(layout.heads[i % layout.heads.size()]));
  for (const std::uint32_t rank : records.ranks)
    if (std::size_t{rank} + 1 >= records.cumulative.size())
      throw DataError("a record has rank " + std::to_string(rank) + " of " +
                      std::to_string(records.cumulative.size()) + " cumulative shares");
  for (std::size_t i = 0; i < records.cumulative.size(); ++i)
    if (!(records.cumulative[i] >= 0 && records.cumulative[i] <= 1))
      throw DataError("the records' cumulative share " + std::to_string(i + 1) +
                      " (counted from 1) is not from 0 to 1");
}

std::vector<float> encoded_rows(const Queue& queue, const RecordLayout& layout, const CodedRows& records,
                                std::int64_t count, std::uint64_t seed) {
  return encoded(queue, layout, records, count, seed, {});
}

std::vector<float> encoded_in_order(const Queue& queue, const RecordLayout& layout, const CodedRows& records,
                                    std::uint64_t seed) {
  std::vector<std::uint32_t> source(static_cast<std::size_t>(records.rows));
  std::iota(source.begin(), source.end(), 0u);
  return encoded(queue, layout, records, records.rows, seed, source);
}

}  // namespace agon
