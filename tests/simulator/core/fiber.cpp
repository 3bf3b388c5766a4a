#include "tests/simulator/core/fiber.hpp"

#include <sys/mman.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstdlib>
#include <new>

#include "tests/simulator/core/poison.hpp"

#if defined(AGON_ADDRESS_SANITIZER)
#include <sanitizer/common_interface_defs.h>
#endif

namespace agon::simulator {
namespace {

namespace context = boost::context::detail;

constexpr std::size_t kGuard = 4096;  // below the stack: an overflow faults
constexpr int kGuarded =
    16384;  // as many stacks have one: each is a mapping, of which a process has some 65,000

void leave_stack([[maybe_unused]] void** fake, [[maybe_unused]] const void* to_bottom,
                 [[maybe_unused]] std::size_t to_size) {
#if defined(AGON_ADDRESS_SANITIZER)
  __sanitizer_start_switch_fiber(fake, to_bottom, to_size);
#endif
}

void enter_stack([[maybe_unused]] void* fake, [[maybe_unused]] const void** from_bottom,
                 [[maybe_unused]] std::size_t* from_size) {
#if defined(AGON_ADDRESS_SANITIZER)
  __sanitizer_finish_switch_fiber(fake, from_bottom, from_size);
#endif
}

void entry(context::transfer_t from) {
  auto* const fiber = static_cast<Fiber*>(from.data);
  fiber->run(from.fctx);
}

}  // namespace

Fiber::Fiber() {
  void* const memory = mmap(nullptr, kGuard + kStack, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  static int made = 0;
  if (made++ < kGuarded) mprotect(memory, kGuard, PROT_NONE);
  stack_ = static_cast<char*>(memory) + kGuard;
}

Fiber::~Fiber() { munmap(stack_ - kGuard, kGuard + kStack); }

void Fiber::start(void (*function)(void*), void* argument) {
  unpoison(stack_, kStack);  // the frames of what was abandoned here
  function_ = function;
  argument_ = argument;
  inside_ = context::make_fcontext(stack_ + kStack, kStack, entry);
}

void Fiber::run(void* outside) {
  enter_stack(nullptr, &outside_bottom_, &outside_size_);
  outside_ = outside;
  function_(argument_);
  leave_stack(nullptr, outside_bottom_, outside_size_);
  context::jump_fcontext(outside_, nullptr);
  std::abort();  // never resumed
}

void Fiber::resume() {
  void* fake = nullptr;
  leave_stack(&fake, stack_, kStack);
  inside_ = context::jump_fcontext(inside_, this).fctx;
  enter_stack(fake, nullptr, nullptr);
}

void Fiber::suspend() {
  void* fake = nullptr;
  leave_stack(&fake, outside_bottom_, outside_size_);
  outside_ = context::jump_fcontext(outside_, nullptr).fctx;
  enter_stack(fake, &outside_bottom_, &outside_size_);
}

}  // namespace agon::simulator
