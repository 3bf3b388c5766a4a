// Owned memory of a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "engine/runtime/device.hpp"

namespace agon {

/// Where an allocation lies. `pinned` is host memory that the device can write and the host can read while
/// work is under way; on the processor both are plain memory. `scratch` is the device's with contents
/// undefined: nobody pays for zeroes, and whoever reads what was not written is found by the simulated
/// device.
enum class MemoryKind : std::uint8_t { device, pinned, scratch };

/// 256-byte aligned memory, zero-filled unless it is scratch. Throws DeviceError where it cannot be had.
void* allocate(const Device& device, std::size_t bytes, MemoryKind kind = MemoryKind::device);
/// Never throws. `pointer` may be null.
void release(const Device& device, void* pointer, MemoryKind kind = MemoryKind::device) noexcept;

/// `size` objects of T in a device's memory, zero-filled at birth unless they are scratch. Move-only: a copy
/// needs a queue (queue.hpp).
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() : device_(Device::cpu(1)) {}
  Buffer(const Device& device, std::size_t size, MemoryKind kind = MemoryKind::device)
      : device_(device),
        kind_(kind),
        size_(size),
        data_(size ? static_cast<T*>(allocate(device, bytes_of(size), kind)) : nullptr) {}
  Buffer(Buffer&& other) noexcept
      : device_(other.device_),
        kind_(other.kind_),
        size_(std::exchange(other.size_, 0)),
        data_(std::exchange(other.data_, nullptr)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(kind_, other.kind_);
    std::swap(size_, other.size_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~Buffer() { release(device_, data_, kind_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  const Device& device() const { return device_; }

 private:
  /// As many as nobody has, where they are too many to count.
  static std::size_t bytes_of(std::size_t size) {
    return size <= SIZE_MAX / sizeof(T) ? size * sizeof(T) : SIZE_MAX;
  }

  Device device_;
  MemoryKind kind_ = MemoryKind::device;
  std::size_t size_ = 0;
  T* data_ = nullptr;
};

}  // namespace agon
