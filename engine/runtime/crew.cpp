#include "engine/runtime/crew.hpp"

#include <cstddef>
#include <utility>

namespace agon {

Crew::Crew(int size) : meeting_(size), failures_(static_cast<std::size_t>(size)) {
  for (int member = 1; member < size; ++member) {
    others_.emplace_back([this, member] {
      for (;;) {
        meeting_.arrive_and_wait();
        if (work_ == nullptr) return;
        call(member);
        meeting_.arrive_and_wait();
      }
    });
  }
}

Crew::~Crew() {
  work_ = nullptr;
  meeting_.arrive_and_wait();
}

void Crew::call(int member) {
  try {
    (*work_)(member);
  } catch (...) {
    failures_[static_cast<std::size_t>(member)] = std::current_exception();
  }
}

void Crew::run(const std::function<void(int)>& work) {
  work_ = &work;
  meeting_.arrive_and_wait();
  call(0);
  meeting_.arrive_and_wait();
  for (std::exception_ptr& failure : failures_)
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
}

}  // namespace agon
