// The ordered stream of work on a device, and copies to and from it.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

#include "engine/runtime/buffer.hpp"
#include "engine/runtime/device.hpp"
#include "engine/runtime/thread_pool.hpp"
#include "kernels/queue.hpp"

namespace agon {

/// Owns a stream (a non-blocking CUDA stream; the threads on the processor) and the workspace of its
/// operations. Move-only. Passes as a QueueView wherever an operation takes one.
class Queue {
 public:
  /// `replicas`: for how many of them there shall be workspace (kernels/queue.hpp, Replicas).
  explicit Queue(const Device& device, int replicas = 1);
  Queue(Queue&& other) noexcept;
  Queue& operator=(Queue&& other) noexcept;
  ~Queue();

  operator QueueView() const { return view_; }
  const Device& device() const { return device_; }
  /// The processor's threads; null on CUDA.
  ThreadPool* pool() const { return pool_.get(); }

  /// Blocks until all work so far is done. Throws DeviceError where any of it failed.
  void wait() const;

  /// Copies from the host, ordered after earlier work; `source` may be reused on return.
  template <class T>
  void upload(T* destination, std::span<const T> source) const {
    copy_in(destination, source.data(), source.size_bytes());
  }
  /// Copies to the host, ordered after earlier work, and waits for it.
  template <class T>
  void download(std::span<T> destination, const T* source) const {
    copy_out(destination.data(), source, destination.size_bytes());
  }
  /// Device to device, same device; enqueued.
  void copy(void* destination, const void* source, std::size_t bytes) const;
  void zero(void* destination, std::size_t bytes) const;

 private:
  void copy_in(void* destination, const void* source, std::size_t bytes) const;
  void copy_out(void* destination, const void* source, std::size_t bytes) const;

  Device device_;
  Buffer<std::byte> workspace_;
  std::unique_ptr<ThreadPool> pool_;  // on the processor
  QueueView view_;
};

}  // namespace agon
