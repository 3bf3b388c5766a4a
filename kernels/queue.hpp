// The handle every operation takes: an ordered stream of work on one device.
#pragma once

#include <cstddef>
#include <cstdint>

namespace agon {

enum class DeviceKind : std::uint8_t { cpu, cuda };

/// Non-owning, trivially copyable view of a Queue (engine/runtime/queue.hpp owns).
///
/// Operations on one queue happen in order. On the processor an operation has happened when its function
/// returns; on CUDA it has been enqueued. An operation never allocates and never blocks.
struct QueueView {
  DeviceKind device = DeviceKind::cpu;
  int threads = 1;                   ///< processor only: OpenMP threads an operation may use
  void* stream = nullptr;            ///< CUDA only: a cudaStream_t
  std::byte* workspace = nullptr;    ///< scratch in the device's memory, 256-byte aligned, contents undefined
  std::size_t workspace_bytes = 0;   ///< at least kWorkspaceBytes
};

/// Scratch that every queue carries: partial sums of two-stage reductions, split products, library workspaces.
inline constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;

}  // namespace agon
