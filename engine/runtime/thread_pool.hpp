// Threads of the host that do pieces of work side by side, one after the other, as a training step asks for
// them: some twenty times a millisecond.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "kernels/workers.hpp"

namespace agon {

/// A job is a number of parts. Each thread takes parts of its own first (thread t those whose number is t
/// modulo the number of threads, so that a part's data stay in one core's cache from job to job), then those
/// that nobody has begun. So a thread that has lost its core holds up the others by the part it is in, at
/// most.
///
/// Whoever waits spins for a short while, then sleeps: on a quiet machine jobs follow each other within
/// microseconds, and on a busy one a thread that spins would take the time of the one it waits for.
class ThreadPool final : public Workers {
 public:
  /// `size` threads, the caller's among them. The others start with the first job that has parts for them.
  explicit ThreadPool(int size);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return size_; }
  /// Seconds that callers have slept for parts that other threads did.
  double waited() const { return waited_; }

  /// As Workers says. Throws what the first part of those that failed threw, when no part runs any more;
  /// std::system_error where threads cannot be had. A job within a job, or from a second thread at the same
  /// time, is done by its caller alone. After fork() the child's pool starts threads of its own.
  void run(int parts, Part call, const void* work) override;

  /// Whether the calling thread is doing a part of some pool's job: work that has threads of its own then had
  /// better do without.
  static bool inside();

  /// Calls work(part) for 0, 1, ..., parts - 1.
  template <class Work>
  void each(int parts, const Work& work) {
    run(
        parts, [](const void* it, int part) { (*static_cast<const Work*>(it))(part); }, &work);
  }

 private:
  class Patience;
  struct Claim;
  struct Shared;
  void start();
  void dismiss();
  void abandon();

  int size_;
  std::uint32_t process_;  ///< which process, counted by forks, the threads belong to
  std::atomic<bool> busy_ = false;
  double waited_ = 0;
  std::unique_ptr<Shared> shared_;  ///< null before the first job
  std::vector<std::thread> others_;
};

/// The pool for work outside training: tables and figures. As many threads as Device::cpu() has, unless
/// set_host_threads() says otherwise.
ThreadPool& host_pool();
/// Not while host_pool() is at work.
void set_host_threads(int threads);

/// How often this process and those that it comes from have forked, since the first pool was made.
std::uint32_t forks();

}  // namespace agon
