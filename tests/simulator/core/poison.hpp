// AddressSanitizer's marks, in a build that has it.
#pragma once

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AGON_ADDRESS_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(AGON_ADDRESS_SANITIZER)
#define AGON_ADDRESS_SANITIZER
#endif
#if defined(AGON_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#endif

namespace agon::simulator {

inline void poison([[maybe_unused]] const void* pointer, [[maybe_unused]] std::size_t bytes) {
#if defined(AGON_ADDRESS_SANITIZER)
  __asan_poison_memory_region(pointer, bytes);
#endif
}

inline void unpoison([[maybe_unused]] const void* pointer, [[maybe_unused]] std::size_t bytes) {
#if defined(AGON_ADDRESS_SANITIZER)
  __asan_unpoison_memory_region(pointer, bytes);
#endif
}

}  // namespace agon::simulator
