#include "host/images/ordered_work.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "engine/runtime/processors.hpp"

namespace agon::host {
namespace {

struct OrderedWork {
  const std::function<void(std::int64_t)>& work;
  std::int64_t count;
  std::atomic<std::int64_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex{};
  std::int64_t failure = 0;
  std::exception_ptr error{};

  void take_all() {
    while (!failed) {
      const std::int64_t i = next++;
      if (i >= count) return;
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error || i < failure) {
          failure = i;
          error = std::current_exception();
        }
        failed = true;
      }
    }
  }
};

}  // namespace

void in_order(int threads, std::int64_t count, const std::function<void(std::int64_t)>& work) {
  OrderedWork all{work, count};
  const std::int64_t wanted = std::min<std::int64_t>(threads > 0 ? threads : default_threads().count, count);
  {
    std::vector<std::jthread> others;
    try {
      for (std::int64_t i = 1; i < wanted; ++i) others.emplace_back([&all] { all.take_all(); });
    } catch (const std::system_error&) {  // those that are there do the work
    }
    all.take_all();
  }
  if (all.error) std::rethrow_exception(all.error);
}

}  // namespace agon::host
