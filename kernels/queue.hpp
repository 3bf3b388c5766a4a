// The handle every operation takes: an ordered stream of work on one device.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/workers.hpp"

namespace agon {

enum class DeviceKind : std::uint8_t { cpu, cuda };

/// Several trainings side by side: everything that an operation's pointers name exists `count` times, each
/// time `stride` bytes further on, and the operation happens to all of them. Replica r draws its random
/// numbers with seed + r. So a replica's bits are those of a training of its own with that seed.
struct Replicas {
  int first = 0;
  int count = 1;
  std::int64_t stride = 0;  ///< bytes; a multiple of 256
};

/// Non-owning, trivially copyable view of a Queue (engine/runtime/queue.hpp owns).
///
/// Operations on one queue happen in order. On the processor an operation has happened when its function
/// returns; on CUDA it has been enqueued. An operation never allocates and never blocks.
struct QueueView {
  DeviceKind device = DeviceKind::cpu;
  int threads = 1;                  ///< processor only: into how many parts an operation divides its work
  Workers* workers = nullptr;       ///< processor only: who does the parts; null: the caller, all of them
  void* stream = nullptr;           ///< CUDA only: a cudaStream_t
  std::byte* workspace = nullptr;   ///< scratch in the device's memory, 256-byte aligned, contents undefined
  std::size_t workspace_bytes = 0;  ///< of one replica, at least kWorkspaceBytes; the next one's follow
  Replicas replicas;
  /// CUDA only: kernels may be set up while the one before them still runs (programmatic dependent launch).
  bool programmatic = false;

  /// The same queue for replica `index` alone.
  QueueView replica(int index) const {
    QueueView one = *this;
    one.replicas = {index, 1, replicas.stride};
    return one;
  }
};

/// Scratch that every queue carries: partial sums of two-stage reductions, split products, library
/// workspaces.
inline constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;

}  // namespace agon
