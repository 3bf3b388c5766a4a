// Included before every kernel's source: calls of memcpy and its like go to the checker (core/hooks.cpp),
// which the compiler's instrumentation leaves to ThreadSanitizer's runtime.
#pragma once

#include <cstddef>

extern "C" {
void* memcpy(void* to, const void* from, std::size_t bytes) noexcept asm("__tsan_memcpy");
void* memmove(void* to, const void* from, std::size_t bytes) noexcept asm("__tsan_memmove");
void* memset(void* to, int value, std::size_t bytes) noexcept asm("__tsan_memset");
}
