// A kernel with its arguments, whose types only the launch knows: bytes that one function can pass on.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "tests/simulator/include/cuda_runtime_api.h"
#include "tests/simulator/runtime/padding.hpp"

namespace agon::simulator {

struct Parameter {
  std::size_t offset = 0, size = 0;
};

inline constexpr std::size_t kMostParameters = 32;
inline constexpr std::size_t kArgumentAlignment = 64;

/// Arguments are copied when the kernel is launched. Source: CUDA C++ Programming Guide, "__global__ Function
/// Parameters".
class KernelCall {
 public:
  using Thread = void (*)(const void* kernel, const std::byte* arguments);

  /// `parameters` outlive the call; `thread` runs the kernel for one thread.
  KernelCall(const void* kernel, std::span<const Parameter> parameters, std::size_t bytes, Thread thread);
  KernelCall(KernelCall&& other) noexcept;
  KernelCall& operator=(KernelCall&&) = delete;
  ~KernelCall();

  std::byte* arguments() { return arguments_; }
  const std::byte* arguments() const { return arguments_; }
  std::span<const Parameter> parameters() const { return parameters_; }
  const void* kernel() const { return kernel_; }
  void run_thread() const { thread_(kernel_, arguments_); }

  /// The bytes of parameter `index` may differ where the argument does not.
  void set_incomparable(std::size_t index) { incomparable_[index] = true; }
  bool comparable(std::size_t index) const { return !incomparable_[index]; }

 private:
  const void* kernel_;
  std::span<const Parameter> parameters_;
  Thread thread_;
  std::byte* arguments_;
  std::array<bool, kMostParameters> incomparable_{};
};

template <class... Expected>
struct ParameterTable {
  static constexpr std::size_t kCount = sizeof...(Expected);
  static constexpr auto kParameters = [] {
    std::array<Parameter, kCount> all{};
    constexpr std::array<std::size_t, kCount> alignments{alignof(Expected)...};
    constexpr std::array<std::size_t, kCount> sizes{sizeof(Expected)...};
    std::size_t end = 0;
    for (std::size_t i = 0; i < kCount; ++i) {
      const std::size_t offset = (end + alignments[i] - 1) / alignments[i] * alignments[i];
      all[i] = {offset, sizes[i]};
      end = offset + sizes[i];
    }
    return all;
  }();
  static constexpr std::size_t kBytes = kCount == 0 ? 0
                                                    : kParameters[kCount == 0 ? 0 : kCount - 1].offset +
                                                          kParameters[kCount == 0 ? 0 : kCount - 1].size;
};

/// Passes the arguments to the kernel. Not instrumented: they lie in the host's memory.
template <class... Expected>
struct Trampoline {
  template <std::size_t... i>
  __attribute__((no_sanitize("thread"))) static void pass(const void* kernel,
                                                          [[maybe_unused]] const std::byte* arguments,
                                                          std::index_sequence<i...>) {
    using Table = ParameterTable<Expected...>;
    reinterpret_cast<void (*)(Expected...)>(const_cast<void*>(kernel))(
        *reinterpret_cast<const Expected*>(arguments + Table::kParameters[i].offset)...);
  }
  __attribute__((no_sanitize("thread"))) static void thread(const void* kernel, const std::byte* arguments) {
    pass(kernel, arguments, std::index_sequence_for<Expected...>());
  }
};

template <class... Expected, class... Actual>
KernelCall make_call(void (*kernel)(Expected...), Actual&&... actual) {
  static_assert((std::is_trivially_copyable_v<Expected> && ...), "kernels take their arguments as bytes");
  static_assert((std::is_convertible_v<Actual&&, Expected> && ...), "what the kernel's parameters take");
  static_assert(((alignof(Expected) <= kArgumentAlignment) && ...) && sizeof...(Expected) <= kMostParameters);
  using Table = ParameterTable<Expected...>;
  KernelCall call(reinterpret_cast<const void*>(kernel), Table::kParameters, Table::kBytes,
                  &Trampoline<Expected...>::thread);
  [[maybe_unused]] std::size_t index = 0;
  [[maybe_unused]] const auto place = [&]<class T>(std::type_identity<T>, auto&& argument) {
    T* const object = ::new (call.arguments() + Table::kParameters[index].offset)
        T(static_cast<T>(std::forward<decltype(argument)>(argument)));
    if (!clear_padding(*object)) call.set_incomparable(index);
    ++index;
  };
  (place(std::type_identity<Expected>(), std::forward<Actual>(actual)), ...);
  return call;
}

cudaError_t launch(const cudaLaunchConfig_t* config, KernelCall call) noexcept;

}  // namespace agon::simulator
