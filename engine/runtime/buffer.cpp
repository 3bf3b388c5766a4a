#include "engine/runtime/buffer.hpp"

#include <cstring>
#include <new>
#include <string>

#include "engine/runtime/cuda/runtime.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

constexpr std::align_val_t kAlignment{256};

}  // namespace

void* allocate(const Device& device, std::size_t bytes, MemoryKind kind) {
  if (device.kind() == DeviceKind::cuda) return cuda::allocate(device.index(), bytes, kind);
  void* const pointer = ::operator new(bytes, kAlignment, std::nothrow);
  if (pointer == nullptr)
    throw DeviceError("out of memory: cannot allocate " + std::to_string(bytes) + " bytes");
  if (kind != MemoryKind::scratch) std::memset(pointer, 0, bytes);
  return pointer;
}

void release(const Device& device, void* pointer, MemoryKind kind) noexcept {
  if (pointer == nullptr) return;
  if (device.kind() == DeviceKind::cuda) {
    cuda::release(device.index(), pointer, kind);
  } else {
    ::operator delete(pointer, kAlignment);
  }
}

}  // namespace agon
