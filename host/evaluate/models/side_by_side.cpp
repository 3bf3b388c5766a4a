#include "host/evaluate/models/side_by_side.hpp"

#include <algorithm>

#include "engine/runtime/thread_pool.hpp"

namespace agon::host {

void do_side_by_side(int threads, const std::vector<std::function<void()>>& jobs) {
  ThreadPool pool(std::clamp(threads, 1, std::max(1, static_cast<int>(jobs.size()))));
  pool.each(static_cast<int>(jobs.size()), [&](int job) { jobs[static_cast<std::size_t>(job)](); });
}

}  // namespace agon::host
