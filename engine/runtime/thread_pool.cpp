#include "engine/runtime/thread_pool.hpp"

#include <cstddef>
#include <iterator>

namespace agon {

ThreadPool::ThreadPool(int size) : meeting_(size), failures_(static_cast<std::size_t>(size)) {
  try {
    for (int member = 1; member < size; ++member) others_.emplace_back([this, member] { serve(member); });
  } catch (...) {  // no more threads are to be had: those that wait must not wait for them
    dismiss();
    throw;
  }
}

ThreadPool::~ThreadPool() { dismiss(); }

void ThreadPool::serve(int member) {
  for (;;) {
    meeting_.arrive_and_wait();
    if (work_ == nullptr) return;
    call(member);
    meeting_.arrive_and_wait();
  }
}

/// In place of the caller, and of those who never came.
void ThreadPool::dismiss() {
  work_ = nullptr;
  static_cast<void>(meeting_.arrive(std::ssize(failures_) - std::ssize(others_)));
}

void ThreadPool::call(int member) {
  try {
    (*work_)(member);
  } catch (...) {
    failures_[static_cast<std::size_t>(member)] = std::current_exception();
  }
}

void ThreadPool::run(const std::function<void(int)>& work) {
  work_ = &work;
  meeting_.arrive_and_wait();
  call(0);
  meeting_.arrive_and_wait();
  std::exception_ptr first;
  for (std::exception_ptr& failure : failures_) {
    if (!first) first = failure;
    failure = nullptr;
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace agon
