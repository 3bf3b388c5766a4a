#include "engine/runtime/thread_pool.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <utility>

#include "engine/runtime/device.hpp"
#include "engine/runtime/futex.hpp"

namespace agon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLine = 64;  // bytes of a cache line

std::atomic<std::uint32_t> fork_count = 0;
thread_local bool is_inside = false;

/// Counts this process's forks, in the child, from the first call on.
void count_forks() {
  static const int registered = pthread_atfork(nullptr, nullptr, [] { ++fork_count; });
  static_cast<void>(registered);
}

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

/// How long a thread spins before it sleeps. It learns from its sleeps: a short one would have been better
/// spent spinning; a long one says that a thread waited for has lost its core, or that there is no work.
class ThreadPool::Patience {
 public:
  /// Until `done()` is true; sleep() sleeps until it may be, and may return too early.
  /// Returns how long it slept.
  template <class Done, class Sleep>
  Clock::duration await(const Done& done, const Sleep& sleep) {
    if (spin(done)) return {};
    const Clock::time_point begin = Clock::now();
    while (!done()) sleep();
    const Clock::duration slept = Clock::now() - begin;
    learn(slept);
    return slept;
  }

 private:
  static constexpr std::chrono::microseconds kLeast{2}, kMost{64};

  template <class Done>
  bool spin(const Done& done) const {
    const Clock::time_point end = Clock::now() + limit_;
    do {
      for (int i = 0; i < 16; ++i) {
        if (done()) return true;
        relax();
      }
    } while (Clock::now() < end);
    return false;
  }

  void learn(Clock::duration slept) {
    if (slept <= kMost) limit_ = std::min<Clock::duration>(2 * limit_, kMost);
    if (slept > 4 * kMost) limit_ = std::max<Clock::duration>(limit_ / 2, kLeast);
  }

  Clock::duration limit_ = std::chrono::microseconds{16};
};

/// What a thread has still to do of a job: the job's number above, how many of its parts are taken below. In
/// one word, so that a thread that comes late takes nothing of a later job.
struct alignas(kLine) ThreadPool::Claim {
  std::atomic<std::uint64_t> word = 0;
};

namespace {

/// Says at the end that the pool is no longer busy.
struct Free {
  std::atomic<bool>& busy;
  ~Free() { busy.store(false, std::memory_order_release); }
};

constexpr std::uint64_t claim_of(std::uint32_t job, std::uint32_t taken) {
  return std::uint64_t{job} << 32 | taken;
}

}  // namespace

struct ThreadPool::Shared {
  explicit Shared(int size) : claims(static_cast<std::size_t>(size)) {}

  void publish(int parts, Part call, const void* work);
  void serve(int member);
  void await_job(std::uint32_t seen, Patience& its);
  void take_parts(std::uint32_t job, int member);
  Clock::duration await_parts();
  void do_part(int part);

  // A thread reads these before it takes a part, and they last until all parts are done.
  alignas(kLine) std::atomic<std::uint32_t> job = 0;
  std::atomic<std::uint32_t> parts = 0;
  std::atomic<Part> call = nullptr;
  std::atomic<const void*> work = nullptr;
  std::atomic<bool> over = false;  ///< no job will follow

  alignas(kLine) std::atomic<std::uint32_t> left = 0;  ///< parts that are not done
  std::atomic<bool> caller_sleeps = false;
  Patience patience;                                      ///< the caller's
  alignas(kLine) std::atomic<bool> others_sleep = false;  ///< one of them, at least
  std::vector<Claim> claims;                              ///< of each thread

  std::mutex failing;
  std::exception_ptr failure;
  int failed = 0;  ///< the part that threw it
};

void ThreadPool::Shared::publish(int count, Part the_call, const void* the_work) {
  const std::uint32_t next = job.load(std::memory_order_relaxed) + 1;
  parts.store(static_cast<std::uint32_t>(count), std::memory_order_relaxed);
  call.store(the_call, std::memory_order_relaxed);
  work.store(the_work, std::memory_order_relaxed);
  left.store(static_cast<std::uint32_t>(count), std::memory_order_relaxed);
  for (Claim& claim : claims) claim.word.store(claim_of(next, 0), std::memory_order_release);
  job.store(next);
  if (others_sleep.load() && others_sleep.exchange(false)) futex_wake(job);
}

/// Until a job follows the one last seen.
void ThreadPool::Shared::await_job(std::uint32_t seen, Patience& its) {
  its.await([&] { return job.load(std::memory_order_acquire) != seen; },
            [&] {
              others_sleep.store(true);
              if (job.load() == seen) futex_wait(job, seen);
            });
}

/// Until all parts of the caller's job are done.
Clock::duration ThreadPool::Shared::await_parts() {
  return patience.await([&] { return left.load(std::memory_order_acquire) == 0; },
                        [&] {
                          caller_sleeps.store(true);
                          if (const std::uint32_t now = left.load(); now != 0) futex_wait(left, now);
                          caller_sleeps.store(false, std::memory_order_relaxed);
                        });
}

void ThreadPool::Shared::do_part(int part) {
  const bool before = std::exchange(is_inside, true);
  try {
    call.load(std::memory_order_relaxed)(work.load(std::memory_order_relaxed), part);
  } catch (...) {
    const std::lock_guard lock(failing);
    if (!failure || part < failed) {
      failure = std::current_exception();
      failed = part;
    }
  }
  is_inside = before;
  if (left.fetch_sub(1) == 1 && caller_sleeps.load()) futex_wake(left);
}

void ThreadPool::Shared::take_parts(std::uint32_t number, int member) {
  const auto threads = static_cast<std::uint32_t>(claims.size());
  const std::uint32_t count = parts.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < threads; ++i) {
    const std::uint32_t whose = (static_cast<std::uint32_t>(member) + i) % threads;
    std::atomic<std::uint64_t>& claim = claims[whose].word;
    std::uint64_t now = claim.load(std::memory_order_acquire);
    for (;;) {
      if (now >> 32 != number) return;  // that job is done
      const std::uint64_t part = whose + (now & 0xFFFFFFFFu) * threads;
      if (part >= count) break;
      if (!claim.compare_exchange_weak(now, now + 1, std::memory_order_acq_rel, std::memory_order_acquire))
        continue;
      do_part(static_cast<int>(part));
      now = claim.load(std::memory_order_acquire);
    }
  }
}

void ThreadPool::Shared::serve(int member) {
  std::uint32_t seen = 0;
  Patience its_own;
  for (;;) {
    await_job(seen, its_own);
    seen = job.load(std::memory_order_acquire);
    if (over.load(std::memory_order_relaxed)) return;
    take_parts(seen, member);
  }
}

ThreadPool::ThreadPool(int size) : size_(std::max(1, size)) {
  count_forks();
  process_ = forks();
}

void ThreadPool::start() {
  shared_ = std::make_unique<Shared>(size_);
  try {
    for (int member = 1; member < size_; ++member)
      others_.emplace_back([shared = shared_.get(), member] { shared->serve(member); });
  } catch (...) {  // no more threads are to be had
    dismiss();
    throw;
  }
}

void ThreadPool::dismiss() {
  if (shared_ == nullptr) return;
  shared_->over = true;
  shared_->publish(0, nullptr, nullptr);
  for (std::thread& other : others_) other.join();
  others_.clear();
  shared_.reset();
}

/// In a child of fork() the threads are not there, and what they share may be in any state.
void ThreadPool::abandon() {
  static_cast<void>(shared_.release());
  static_cast<void>(new std::vector<std::thread>(std::move(others_)));
  others_.clear();
  busy_ = false;
  process_ = forks();
}

ThreadPool::~ThreadPool() {
  if (process_ != forks()) abandon();
  dismiss();
}

bool ThreadPool::inside() { return is_inside; }

void ThreadPool::run(int parts, Part call, const void* work) {
  if (process_ != forks()) abandon();
  if (parts <= 1 || size_ == 1 || busy_.exchange(true)) {
    for (int part = 0; part < parts; ++part) call(work, part);
    return;
  }
  const Free when_done{busy_};
  if (shared_ == nullptr) start();
  Shared& shared = *shared_;
  shared.publish(parts, call, work);
  shared.take_parts(shared.job.load(std::memory_order_relaxed), 0);
  waited_ += std::chrono::duration<double>(shared.await_parts()).count();
  if (shared.failure) std::rethrow_exception(std::exchange(shared.failure, nullptr));
}

std::uint32_t forks() { return fork_count.load(std::memory_order_relaxed); }

namespace {

std::unique_ptr<ThreadPool>& host_pool_place() {
  static std::unique_ptr<ThreadPool> pool;
  return pool;
}

}  // namespace

ThreadPool& host_pool() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (host_pool_place() == nullptr) set_host_threads(Device::cpu().threads());
  });
  return *host_pool_place();
}

void set_host_threads(int threads) { host_pool_place() = std::make_unique<ThreadPool>(threads); }

}  // namespace agon
