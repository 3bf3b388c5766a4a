// The simulated device's memory: one stretch of address space whose every byte the checker knows about.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulator/core/site.hpp"

namespace agon::simulator {

enum class Area : std::uint8_t {
  device,  ///< what cudaMalloc gives
  pinned,  ///< what cudaHostAlloc gives: the host's, but the device sees it, too
};

inline constexpr std::size_t kDeviceMemory = std::size_t{4}
                                             << 30;  ///< bytes, of which kernels' tests use few
inline constexpr std::size_t kPinnedMemory = std::size_t{1} << 30;

/// 256-byte aligned, far from its neighbours; device memory starts as NaN bytes nobody has written. nullptr
/// where the area is full. `from` is who asked, for reports.
void* allocate(std::size_t bytes, Area area, const CallStack& from);
/// False where `pointer` is not what allocate() gave for the area, or was released before.
bool release(void* pointer, Area area);

/// Whether all of [pointer, pointer + bytes) lies in one live allocation of the area.
bool is_in(const void* pointer, std::size_t bytes, Area area);
/// Whether the address belongs to the area at all, allocated or not.
bool belongs_to(const void* pointer, Area area);

/// Bytes that the host or a copy wrote: no longer unwritten, and ordered before every later kernel.
void mark_written(const void* pointer, std::size_t bytes);
/// Copies what is known of source's bytes (both in this memory): unwritten stays unwritten.
void copy_marks(const void* destination, const void* source, std::size_t bytes);

/// "the 256 bytes allocated at gan.cpp:40, byte 260"; words for any address.
std::string describe_address(const void* pointer);

struct Usage {
  std::size_t device_bytes = 0, pinned_bytes = 0;
};
Usage usage();
/// A line for each live allocation.
std::vector<std::string> live_allocations();

}  // namespace agon::simulator
