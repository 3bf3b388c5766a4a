// The runtime's CUDA side behind plain types: defined by absent.cpp in a build without CUDA, by the rest of
// this folder in one with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/buffer.hpp"
#include "engine/runtime/loop.hpp"
#include "kernels/queue.hpp"
#include "kernels/step.hpp"

namespace agon::cuda {

/// Ordinals of the devices that can run this build's kernels. Never throws; no driver means none.
std::vector<int> usable_devices() noexcept;
/// Why there are none, in a few words; empty where there is one.
std::string why_none();
/// Model, multiprocessors, memory, compute capability.
std::string describe(int index);
/// Whether its kernels can be set up before the one before them has ended (compute capability 9.0 on).
bool launches_programmatically(int index);
/// Bytes of its L2 cache.
std::int64_t cache_bytes(int index);

// All of these make `index` the calling thread's current device. Those that are not noexcept throw
// DeviceError.

void* allocate(int index, std::size_t bytes, MemoryKind kind);
void release(int index, void* pointer, MemoryKind kind) noexcept;

void* create_stream(int index);
void destroy_stream(int index, void* stream) noexcept;
void wait(int index, void* stream);
/// Between any two of host and device memory; enqueued.
void copy(int index, void* stream, void* destination, const void* source, std::size_t bytes);
void zero(int index, void* stream, void* destination, std::size_t bytes);

/// A step captured into graphs that repeat on the device: see Loop. The destructor does not wait.
class StepGraph {
 public:
  /// `body` has run once on `queue` before (libraries have made their plans and every kernel is loaded).
  StepGraph(int index, QueueView queue, const kernels::StepState* state,
            const std::function<void(QueueView)>& body, int unroll);
  ~StepGraph();

  /// Enqueues `unroll` steps, again and again on the device while at least `unroll` are left before
  /// state->stop_at and the run has not diverged. At least `unroll` must be left now: the condition is only
  /// tested between.
  void repeat();
  /// Enqueues one step.
  void step();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace agon::cuda
