// A probe measures one thing about the device and prints one JSON line: {"probe", "unit", "median", "p10",
// "p90", "repeats"} or {"probe", "error"}. Times are the device's own, between events, unless the probe says
// otherwise.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "kernels/cuda/device/check.hpp"

namespace agon::probes {

struct Samples {
  std::vector<double> values;
  std::string note = {};  ///< what a reader of the figure should know
};

struct Probe {
  std::string name;
  std::string unit;
  std::function<Samples(int repeats)> measure;  ///< throws DeviceError where the device cannot do it
};

std::vector<Probe> graph_probes();
std::vector<Probe> loop_probes();
std::vector<Probe> end_probes();
std::vector<Probe> barrier_probes();
std::vector<Probe> cluster_probes();
std::vector<Probe> memory_probes();
std::vector<Probe> arithmetic_probes();

/// A stream that does not wait for the default one; destroyed with the process.
cudaStream_t stream();

/// Seconds that the device spends on what `work` enqueues on stream(); waits for it.
double seconds(const std::function<void()>& work);

/// `seconds(work) * scale` so many times, after two runs that do not count.
Samples repeat(int repeats, double scale, const std::function<void()>& work);

/// Multiprocessors, or another attribute, of the current device.
int attribute(cudaDeviceAttr which);
int multiprocessors();

/// Throws DeviceError where the device is older than compute capability `major`.0.
void need_capability(int major, const char* what);

/// Device memory for the probe's life.
class Memory {
 public:
  explicit Memory(std::size_t bytes) { AGON_CUDA_CHECK(cudaMalloc(&data_, bytes)); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { static_cast<void>(cudaFree(data_)); }

  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  void* data_ = nullptr;
};

/// How a kernel is launched here: as ours are, by configuration and attributes.
struct Shape {
  int blocks = 1;
  int threads = 32;
  std::size_t shared = 0;
  int cluster = 0;            ///< blocks of a cluster; 0 for none
  bool programmatic = false;  ///< may start before the kernel ahead of it has ended
  bool cooperative = false;
  cudaStream_t on = nullptr;  ///< stream(), unless another
};

/// The attributes a Shape asks for; lives as long as the configuration made of it.
class Configuration {
 public:
  explicit Configuration(const Shape& shape);
  const cudaLaunchConfig_t* get() const { return &config_; }

 private:
  cudaLaunchAttribute attributes_[3]{};
  cudaLaunchConfig_t config_{};
};

template <class... Parameters, class... Arguments>
void launch(const Shape& shape, void (*kernel)(Parameters...), Arguments... arguments) {
  const Configuration configuration(shape);
  AGON_CUDA_CHECK(cudaLaunchKernelEx(configuration.get(), kernel, static_cast<Parameters>(arguments)...));
}

/// A graph and its executable.
class Graph {
 public:
  Graph() { AGON_CUDA_CHECK(cudaGraphCreate(&graph_, 0)); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph();

  cudaGraph_t get() const { return graph_; }
  void instantiate();
  void launch() const { AGON_CUDA_CHECK(cudaGraphLaunch(executable_, stream())); }

 private:
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
};

/// Adds a WHILE node behind `after`; sets `body` to its empty body.
cudaGraphNode_t add_while(cudaGraph_t graph, cudaGraphNode_t after, cudaGraphConditionalHandle condition,
                          cudaGraph_t* body);

/// Captures what `work` enqueues on stream() into `graph`.
void capture_into(cudaGraph_t graph, const std::function<void()>& work);

}  // namespace agon::probes
