// An operation's work divided into parts for the queue's threads. The division depends on sizes and on the
// number of threads alone, never on which thread does a part, so results do not either.
#pragma once

#include <cstdint>

#include "kernels/queue.hpp"
#include "kernels/workers.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

inline constexpr std::int64_t kLineFloats = 16;  ///< floats of a cache line

/// Calls work(part) for 0, 1, ..., parts - 1, side by side where the queue has threads.
template <class Work>
inline void for_parts(QueueView queue, int parts, const Work& work) {
  if (parts <= 1 || queue.workers == nullptr || queue.threads <= 1) {
    for (int part = 0; part < parts; ++part) work(part);
    return;
  }
  queue.workers->run(
      parts, [](const void* it, int part) { (*static_cast<const Work*>(it))(part); }, &work);
}

/// Where part `index` of `parts` of [0, n) begins, in units of `unit`, as even as units allow.
inline std::int64_t part_begin(std::int64_t n, std::int64_t unit, std::int64_t parts, std::int64_t index) {
  const std::int64_t begin = (n + unit - 1) / unit * index / parts * unit;
  return begin < n ? begin : n;
}

/// Calls work(begin, end) for as many ranges of [0, n) as there are threads, in units of `unit`; for one
/// where not `parallel`.
template <class Work>
inline void for_ranges(QueueView queue, std::int64_t n, std::int64_t unit, bool parallel, const Work& work) {
  if (!parallel || queue.threads <= 1) return work(std::int64_t{0}, n);
  for_parts(queue, queue.threads, [&](int part) {
    work(part_begin(n, unit, queue.threads, part), part_begin(n, unit, queue.threads, part + 1));
  });
}

/// Calls work(i) for 0, 1, ..., n - 1: by ranges, as for_ranges() does.
template <class Work>
inline void for_each(QueueView queue, std::int64_t n, bool parallel, const Work& work) {
  for_ranges(queue, n, 1, parallel, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) work(i);
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
