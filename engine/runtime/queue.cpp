#include "engine/runtime/queue.hpp"

#include <cstring>
#include <utility>

#include "engine/runtime/cuda/runtime.hpp"

namespace agon {

Queue::Queue(const Device& device, int replicas)
    : device_(device),
      workspace_(device, kWorkspaceBytes * static_cast<std::size_t>(replicas), MemoryKind::scratch) {
  view_.device = device.kind();
  view_.threads = device.threads();
  view_.workspace = workspace_.data();
  view_.workspace_bytes = kWorkspaceBytes;
  if (device.kind() == DeviceKind::cpu) {
    pool_ = std::make_unique<ThreadPool>(device.threads());
    view_.workers = pool_.get();
  }
  if (device.kind() == DeviceKind::cuda) {
    view_.stream = cuda::create_stream(device.index());
    view_.programmatic = cuda::launches_programmatically(device.index());
  }
}

Queue::Queue(Queue&& other) noexcept
    : device_(other.device_),
      workspace_(std::move(other.workspace_)),
      pool_(std::move(other.pool_)),
      view_(std::exchange(other.view_, {})) {}

Queue& Queue::operator=(Queue&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(workspace_, other.workspace_);
  std::swap(pool_, other.pool_);
  std::swap(view_, other.view_);
  return *this;
}

Queue::~Queue() {
  if (view_.stream != nullptr) cuda::destroy_stream(device_.index(), view_.stream);
}

void Queue::wait() const {
  if (device_.kind() == DeviceKind::cuda) cuda::wait(device_.index(), view_.stream);
}

void Queue::copy(void* destination, const void* source, std::size_t bytes) const {
  if (bytes == 0) return;
  if (device_.kind() == DeviceKind::cuda) {
    cuda::copy(device_.index(), view_.stream, destination, source, bytes);
  } else {
    std::memmove(destination, source, bytes);
  }
}

void Queue::zero(void* destination, std::size_t bytes) const {
  if (bytes == 0) return;
  if (device_.kind() == DeviceKind::cuda) {
    cuda::zero(device_.index(), view_.stream, destination, bytes);
  } else {
    std::memset(destination, 0, bytes);
  }
}

// A copy from pinned memory may return before it has happened: the wait is what lets the caller reuse its
// memory.
void Queue::copy_in(void* destination, const void* source, std::size_t bytes) const {
  copy(destination, source, bytes);
  wait();
}

void Queue::copy_out(void* destination, const void* source, std::size_t bytes) const {
  copy(destination, source, bytes);
  wait();
}

}  // namespace agon
