// How long a device takes for what a graph repeats. Source: CUDA Runtime API, "Event Management".
#include <cuda_runtime_api.h>

#include <fstream>
#include <string>

#include "engine/runtime/cuda/counters.hpp"
#include "engine/runtime/cuda/runtime.hpp"
#include "kernels/cuda/device/check.hpp"

namespace agon::cuda {
namespace {

class Event {
 public:
  Event() { AGON_CUDA_CHECK(cudaEventCreate(&event_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { static_cast<void>(cudaEventDestroy(event_)); }

  cudaEvent_t get() const { return event_; }
  void record(cudaStream_t stream) const { AGON_CUDA_CHECK(cudaEventRecord(event_, stream)); }

 private:
  cudaEvent_t event_ = nullptr;
};

/// "580.65.06"; cudaDriverGetVersion() knows only the CUDA version that it serves.
std::string driver_release() {
  std::ifstream file("/sys/module/nvidia/version");
  std::string text;
  return std::getline(file, text) ? text : "unknown";
}

}  // namespace

std::vector<double> time_in_graph(int index, QueueView queue, const StepGraph::Body& body, int repetitions,
                                  int launches) {
  AGON_CUDA_CHECK(cudaSetDevice(index));
  const auto stream = static_cast<cudaStream_t>(queue.stream);
  StepGraph graph = StepGraph::straight(index, queue, body, repetitions);
  graph.launch();  // not counted: the clocks rise, the caches fill
  const Event begin, end;
  std::vector<double> microseconds;
  for (int i = 0; i < launches; ++i) {
    begin.record(stream);
    graph.launch();
    end.record(stream);
    count(counters.waits);
    AGON_CUDA_CHECK(cudaEventSynchronize(end.get()));
    float milliseconds = 0;
    AGON_CUDA_CHECK(cudaEventElapsedTime(&milliseconds, begin.get(), end.get()));
    microseconds.push_back(1e3 * static_cast<double>(milliseconds) / repetitions);
  }
  return microseconds;
}

bool has_clock(int index) {
  int kilohertz = 0;
  AGON_CUDA_CHECK(cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, index));
  return kilohertz > 0;
}

std::string identity(int index) {
  cudaDeviceProp device{};
  AGON_CUDA_CHECK(cudaGetDeviceProperties(&device, index));
  int driver = 0;
  AGON_CUDA_CHECK(cudaDriverGetVersion(&driver));
  return std::string(device.name) + ", " + std::to_string(device.multiProcessorCount) +
         " multiprocessors, driver " + driver_release() + " for CUDA " + std::to_string(driver) +
         ", built with " + std::to_string(CUDART_VERSION);
}

}  // namespace agon::cuda
