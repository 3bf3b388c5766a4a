// Threads of the host that do pieces of work side by side.
#pragma once

#include <barrier>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace agon {

/// They live as long as the object: a thread made for each piece would start where the scheduler happens to
/// put it, beside the caller as likely as not where the machine is busy, and would make its own OpenMP
/// threads anew.
class ThreadPool {
 public:
  /// `size` threads, the caller's among them. Throws std::system_error where so many cannot be had.
  explicit ThreadPool(int size);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(failures_.size()); }
  /// Calls work(0) here and work(1), ..., work(size - 1) from the others, and waits for all. Throws what the
  /// first of them threw.
  void run(const std::function<void(int)>& work);

 private:
  void serve(int member);
  void call(int member);
  void dismiss();

  std::barrier<> meeting_;
  const std::function<void(int)>* work_ = nullptr;  // null: the end
  std::vector<std::exception_ptr> failures_;
  std::vector<std::jthread> others_;
};

}  // namespace agon
