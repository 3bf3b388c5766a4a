// A stack of its own to run a function on. Boost.Context switches; AddressSanitizer is told.
#pragma once

#include <cstddef>

#include "tests/simulator/core/poison.hpp"

namespace agon::simulator {

class Fiber {
 public:
#if defined(AGON_ADDRESS_SANITIZER)
  static constexpr std::size_t kStack = std::size_t{512} << 10;
#else
  static constexpr std::size_t kStack = std::size_t{128} << 10;
#endif

  Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber();

  /// Makes the next resume() call `function(argument)` on the empty stack; what ran on it before is
  /// forgotten, without unwinding.
  void start(void (*function)(void*), void* argument);
  /// Runs until suspend() or the function's end. Called from outside any fiber.
  void resume();
  /// Back to the caller of resume(); called on this fiber.
  void suspend();
  bool holds(const void* pointer) const {
    return pointer >= static_cast<const void*>(stack_) && pointer < static_cast<const void*>(stack_ + kStack);
  }

  void run(void* outside);  ///< what the new stack first calls

 private:
  char* stack_;
  void* inside_ = nullptr;   // where the fiber goes on
  void* outside_ = nullptr;  // where resume()'s caller goes on
  void (*function_)(void*) = nullptr;
  void* argument_ = nullptr;
  // AddressSanitizer's view of the caller's stack.
  const void* outside_bottom_ = nullptr;
  std::size_t outside_size_ = 0;
};

}  // namespace agon::simulator
