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
#include "kernels/loop_report.hpp"
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
/// Model, multiprocessors, driver and CUDA versions: where it is the same, so is what is fast.
std::string identity(int index);
/// Whether the times of time_in_graph() mean anything: the simulated device has no clock.
bool has_clock(int index);
/// Bytes of its L2 cache.
std::int64_t cache_bytes(int index);

// All of these make `index` the calling thread's current device. Those that are not noexcept throw
// DeviceError.

void* allocate(int index, std::size_t bytes, MemoryKind kind);
void release(int index, void* pointer, MemoryKind kind) noexcept;

void* create_stream(int index);
void destroy_stream(int index, void* stream) noexcept;
void wait(int index, void* stream);
/// Throws where any work so far has failed, without waiting for it. Whether it is done is not asked: the
/// driver may call a stream idle while a graph's WHILE node repeats on it.
void throw_if_failed(int index, void* stream);
/// Enqueues a report of the loop (kernels/loop_report.hpp), of the queue's replicas.
void report(int index, QueueView queue, kernels::StepState* state, kernels::LoopReport* report);
/// Between any two of host and device memory; enqueued.
void copy(int index, void* stream, void* destination, const void* source, std::size_t bytes);
void zero(int index, void* stream, void* destination, std::size_t bytes);

/// Steps captured into a graph: see Loop. The destructor does not wait.
class StepGraph {
 public:
  /// `body` enqueues a step. It has run once on `queue` before (libraries have made their plans, every kernel
  /// is loaded).
  using Body = std::function<void(QueueView)>;

  /// A launch is `steps` steps, whatever happens.
  static StepGraph straight(int index, QueueView queue, const Body& body, int steps);

  /// A launch is steps that the device repeats, `unroll` at a time and then one by one, until state->step
  /// reaches state->stop_at, or `most` are done (0: no such limit), or the run has diverged, or *stop (pinned
  /// host memory) is not 0. No step is done where one of these holds at the start. Its last work is a report.
  /// Of `rows`, the body's step_end, its state and where it publishes to is looked at.
  static StepGraph repeating(int index, QueueView queue, const Body& body, int unroll,
                             const kernels::StepEnd& rows, const std::uint32_t* stop, std::uint64_t most,
                             kernels::LoopReport* report);

  StepGraph(StepGraph&&) noexcept;
  StepGraph& operator=(StepGraph&&) noexcept;
  ~StepGraph();

  /// Enqueues it.
  void launch();

 private:
  struct Implementation;
  explicit StepGraph(std::unique_ptr<Implementation> implementation);
  template <class Build>
  static std::unique_ptr<Implementation> build(int index, QueueView queue, const Build& build);
  std::unique_ptr<Implementation> implementation_;
};

/// Microseconds of one `body` in a graph of `repetitions`, by the device's events, for each of so many
/// launches behind a first one that does not count. `body` has run once before, as for StepGraph.
std::vector<double> time_in_graph(int index, QueueView queue, const StepGraph::Body& body, int repetitions,
                                  int launches);

}  // namespace agon::cuda
