// Where work runs: the processor or one CUDA GPU.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/queue.hpp"

namespace agon {

/// A trivially copyable name of a device; holds no resource.
class Device {
 public:
  /// The processor with `threads` threads, at most 4096; 0 takes OMP_NUM_THREADS, else as many as this
  /// process may use: by its affinity mask, and by its control groups' limit on processors (a container's).
  /// Throws ConfigurationError.
  static Device cpu(int threads = 0);
  /// CUDA device `index`. Throws DeviceError, saying why, where it is absent or this build has no CUDA.
  static Device cuda(int index = 0);
  /// The first CUDA device where one can be used, else the processor. Never throws.
  static Device best(int threads = 0);
  /// "auto", "cpu", "cuda" or "cuda:N". Throws ConfigurationError on another text, DeviceError on an absent
  /// device.
  static Device parse(std::string_view text, int threads = 0);
  /// Every usable device, the processor first.
  static std::vector<Device> all();
  /// Why no CUDA device can be used ("this build has no CUDA", "no NVIDIA driver", ...); empty where one can.
  static std::string why_no_cuda();

  DeviceKind kind() const { return kind_; }
  int index() const { return index_; }      ///< CUDA ordinal; 0 on the processor
  int threads() const { return threads_; }  ///< processor: at least 1
  std::string name() const;                 ///< "cpu" or "cuda:0": what parse() takes
  /// On CUDA of its cache; on the processor of its threads' own (second) caches together.
  std::int64_t cache_bytes() const;
  std::string description() const;  ///< model, threads or multiprocessors, memory

  friend bool operator==(const Device&, const Device&) = default;

 private:
  Device(DeviceKind kind, int index, int threads) : kind_(kind), index_(index), threads_(threads) {}
  DeviceKind kind_;
  int index_;
  int threads_;
};

}  // namespace agon
