// Pieces of work on several threads, with the outcome of one.
#pragma once

#include <cstdint>
#include <functional>

namespace agon::host {

/// Calls work(0) to work(count - 1), begun in this order, on `threads` threads, the caller's among them (0:
/// as many as engine/runtime/processors.hpp says); fewer where the system has no more. Throws what the first
/// of those that failed threw: all before it have been done, whatever the threads.
void in_order(int threads, std::int64_t count, const std::function<void(std::int64_t)>& work);

}  // namespace agon::host
