#include "host/evaluate/distances/row_search.hpp"

#include <cmath>
#include <span>

#include "engine/runtime/buffer.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/nearest_rows.hpp"
#include "kernels/row_densities.hpp"

namespace agon::host {
namespace {

/// A block of one-hot dimensions as codes (kernels/row_distances.hpp): two different codes cost 2, which is
/// right where both are levels. Where one is the zero vector 1 is right: a second code, of whether the first
/// is the zero vector, takes 1 away. The zero vector and a block's only level: 1.
std::vector<float> weights_of(const DistanceSpace& space) {
  std::vector<float> weight;
  for (const DistanceSpace::Block& block : space.blocks) {
    weight.push_back(block.levels == 1 ? 1.0f : 2.0f);
    if (block.levels > 1 && block.has_zero) weight.push_back(-1.0f);
  }
  return weight;
}

std::vector<std::int32_t> distance_codes(const DistanceSpace& space, const DistanceRows& rows) {
  std::vector<std::int32_t> codes;
  for (std::size_t b = 0; b < space.blocks.size(); ++b) {
    const auto level = rows.levels.begin() + static_cast<std::ptrdiff_t>(b) * rows.rows;
    codes.insert(codes.end(), level, level + rows.rows);
    if (space.blocks[b].levels == 1 || !space.blocks[b].has_zero) continue;
    for (std::int64_t i = 0; i < rows.rows; ++i) codes.push_back(level[i] == DistanceRows::kZero);
  }
  return codes;
}

template <class T>
Buffer<T> on_device_of(const Queue& queue, const std::vector<T>& values) {
  Buffer<T> buffer(queue.device(), values.size());
  queue.upload(buffer.data(), std::span<const T>(values));
  return buffer;
}

template <class T>
std::vector<T> from_device(const Queue& queue, const Buffer<T>& buffer) {
  std::vector<T> values(buffer.size());
  queue.download(std::span(values), buffer.data());
  return values;
}

/// A table on the device.
struct RowsOnDevice {
  std::int64_t rows;
  Buffer<float> numbers;
  Buffer<std::int32_t> codes;

  RowsOnDevice(const Queue& queue, const DistanceSpace& space, const DistanceRows& from)
      : rows(from.rows),
        numbers(on_device_of(queue, from.numbers)),
        codes(on_device_of(queue, distance_codes(space, from))) {}
};

}  // namespace

struct RowSearch::Implementation {
  Implementation(const Device& device, const DistanceSpace& of)
      : queue(device), space(of), weight(on_device_of(queue, weights_of(of))) {}

  kernels::RowDistances between(const RowsOnDevice& queries, const RowsOnDevice& in) const {
    return {.n = queries.rows,
            .m = in.rows,
            .numbers = space.numbers(),
            .codes = static_cast<std::int64_t>(weight.size()),
            .query_numbers = queries.numbers.data(),
            .query_codes = queries.codes.data(),
            .numbers_of = in.numbers.data(),
            .codes_of = in.codes.data(),
            .weight = weight.data()};
  }

  Neighbours nearest(const RowsOnDevice& queries, const RowsOnDevice& in, int k, bool others) const {
    const auto size = static_cast<std::size_t>(queries.rows * k);
    Buffer<float> distance(queue.device(), size, MemoryKind::scratch);
    Buffer<std::int32_t> index(queue.device(), size, MemoryKind::scratch);
    kernels::nearest_rows(queue, {.rows = between(queries, in),
                                  .k = k,
                                  .leave_out = others ? 0 : -1,
                                  .distance = distance.data(),
                                  .index = index.data()});
    return {k, from_device(queue, distance), from_device(queue, index)};
  }

  Queue queue;
  DistanceSpace space;
  Buffer<float> weight;
};

std::vector<double> Neighbours::distances(int rank) const {
  std::vector<double> all;
  for (std::size_t e = static_cast<std::size_t>(rank); e < squared.size(); e += static_cast<std::size_t>(k))
    all.push_back(std::sqrt(double{squared[e]}));
  return all;
}

RowSearch::RowSearch(const Device& device, const DistanceSpace& space)
    : implementation_(std::make_unique<Implementation>(device, space)) {}
RowSearch::RowSearch(RowSearch&&) noexcept = default;
RowSearch::~RowSearch() = default;

Neighbours RowSearch::nearest(const DistanceRows& queries, const DistanceRows& in, int k) const {
  const Implementation& search = *implementation_;
  return search.nearest({search.queue, search.space, queries}, {search.queue, search.space, in}, k, false);
}

Neighbours RowSearch::nearest_others(const DistanceRows& rows, int k) const {
  const Implementation& search = *implementation_;
  const RowsOnDevice table(search.queue, search.space, rows);
  return search.nearest(table, table, k, true);
}

std::vector<std::int32_t> RowSearch::within(const DistanceRows& queries, const DistanceRows& in,
                                            const std::vector<float>& squared_radius) const {
  const Implementation& search = *implementation_;
  const RowsOnDevice from(search.queue, search.space, queries), to(search.queue, search.space, in);
  const Buffer<float> radius = on_device_of(search.queue, squared_radius);
  Buffer<std::int32_t> count(search.queue.device(), squared_radius.size(), MemoryKind::scratch);
  kernels::row_densities(search.queue,
                         {.rows = search.between(from, to), .radius2 = radius.data(), .count = count.data()});
  return from_device(search.queue, count);
}

std::vector<double> RowSearch::kernel_sums(const DistanceRows& queries, const DistanceRows& in,
                                           double bandwidth) const {
  const Implementation& search = *implementation_;
  const RowsOnDevice from(search.queue, search.space, queries), to(search.queue, search.space, in);
  Buffer<double> sum(search.queue.device(), static_cast<std::size_t>(queries.rows), MemoryKind::scratch);
  kernels::row_densities(search.queue, {.rows = search.between(from, to),
                                        .scale = static_cast<float>(1 / (2 * bandwidth * bandwidth)),
                                        .sum = sum.data()});
  return from_device(search.queue, sum);
}

}  // namespace agon::host
