// Work that was enqueued and has not run: it runs as late as the host can tell the difference.
//
// On a device work may have happened long before the host waits for it, or not before. Only the second shows
// a host that forgets to wait, so it is what happens here, always.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "tests/simulator/include/cuda_runtime_api.h"

namespace agon::simulator {

struct Work {
  std::uint64_t number = 0;  ///< in the order of enqueueing
  std::function<cudaError_t()> run;
  std::vector<std::shared_ptr<Work>> after;  ///< must have run before
  bool done = false;
};
using WorkPointer = std::shared_ptr<Work>;

/// Adds work that runs after `after` (whose null pointers mean nothing).
WorkPointer add_work(std::function<cudaError_t()> run, std::vector<WorkPointer> after);

/// Runs `last` and all it waits for; where options().order leaves a choice of what is next, by it. Returns
/// the device's fault.
cudaError_t complete(const WorkPointer& last);
/// Everything there is.
cudaError_t complete_all();
/// One piece of what `last` waits for, or itself.
cudaError_t advance(const WorkPointer& last);

/// A generator of options().seed, for choices of order.
std::uint64_t random_number();

/// After a fault nothing that was enqueued runs any more.
void drop_all_work();

inline bool is_done(const WorkPointer& work) { return work == nullptr || work->done; }

}  // namespace agon::simulator
