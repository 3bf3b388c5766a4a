#include "host/evaluate/models/side_by_side.hpp"

#include <algorithm>
#include <atomic>
#include <exception>

#include "engine/runtime/thread_pool.hpp"

namespace agon::host {

void do_side_by_side(int threads, const std::vector<std::function<void()>>& jobs) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> failures(jobs.size());
  const auto work = [&](int) {
    for (std::size_t job = next++; job < jobs.size(); job = next++) {
      try {
        jobs[job]();
      } catch (...) {
        failures[job] = std::current_exception();
      }
    }
  };
  ThreadPool pool(std::clamp(threads, 1, std::max(1, static_cast<int>(jobs.size()))));
  pool.run(work);
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace agon::host
