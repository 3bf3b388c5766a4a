#include "tests/simulator/runtime/kernel_call.hpp"

#include <cstring>

namespace agon::simulator {

KernelCall::KernelCall(const void* kernel, std::span<const Parameter> parameters, std::size_t bytes,
                       Thread thread)
    : kernel_(kernel), parameters_(parameters), thread_(thread) {
  arguments_ = static_cast<std::byte*>(::operator new (bytes + 1, std::align_val_t{kArgumentAlignment}));
  std::memset(arguments_, 0, bytes);
}

KernelCall::KernelCall(KernelCall&& other) noexcept
    : kernel_(other.kernel_),
      parameters_(other.parameters_),
      thread_(other.thread_),
      arguments_(std::exchange(other.arguments_, nullptr)),
      incomparable_(other.incomparable_) {}

KernelCall::~KernelCall() { ::operator delete (arguments_, std::align_val_t{kArgumentAlignment}); }

}  // namespace agon::simulator
