// What the simulated device has: a Hopper's numbers. Source: CUDA C++ Programming Guide, "Compute
// Capabilities", tables of technical specifications, column 9.0.
#pragma once

#include <cstddef>

namespace agon::simulator {

inline constexpr int kWarp = 32;
inline constexpr unsigned kThreadsPerBlock = 1024;
inline constexpr unsigned kBlockZ = 64;
inline constexpr unsigned kGridX = 2147483647, kGridYZ = 65535;
inline constexpr int kSharedPerBlock = 48 << 10;        ///< without cudaFuncSetAttribute
inline constexpr int kSharedPerBlockOptin = 227 << 10;  ///< with it
inline constexpr int kSharedPerMultiprocessor = 228 << 10;
inline constexpr int kSharedReserved = 1 << 10;  ///< of each block, by the system
inline constexpr int kThreadsPerMultiprocessor = 2048;
inline constexpr int kBlocksPerMultiprocessor = 32;
inline constexpr int kRegisters = 65536;
inline constexpr unsigned kPortableCluster = 8, kLargestCluster = 16;
inline constexpr int kConstantMemory = 64 << 10;
inline constexpr int kL2Bytes = 50 << 20;
inline constexpr int kClockKilohertz = 0, kMemoryClockKilohertz = 2619000, kMemoryBusBits = 5120;

/// Blocks that fit a multiprocessor, by their threads and shared memory. A simulated kernel has no registers,
/// so on a real device it may be fewer.
constexpr int blocks_per_multiprocessor(unsigned threads, std::size_t shared) {
  const unsigned warps = (threads + kWarp - 1) / kWarp;
  const int by_threads = kThreadsPerMultiprocessor / static_cast<int>(warps * kWarp);
  const int by_shared = static_cast<int>(static_cast<std::size_t>(kSharedPerMultiprocessor) /
                                         (shared + static_cast<std::size_t>(kSharedReserved)));
  const int least = by_threads < by_shared ? by_threads : by_shared;
  return least < kBlocksPerMultiprocessor ? least : kBlocksPerMultiprocessor;
}

}  // namespace agon::simulator
