// Kernels for the tests of the simulated runtime, and the test's handles.
#pragma once

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulator/simulator.hpp"

namespace agon::simulator::runtime_test {

/// Notes the order that work ran in: entry[count++] = value.
struct Log {
  int count;
  int entry[15];
};

/// With padding behind `value` and at its end.
struct Padded {
  char value;
  float* target;
  short end;
};

cudaError_t append(cudaStream_t stream, Log* log, int value);
cudaError_t add(cudaStream_t stream, float* target, float value);
cudaError_t add_padded(cudaStream_t stream, Padded argument);
/// Sets the condition to whether *counter, counted up, is below `end`.
cudaError_t count_below(cudaStream_t stream, cudaGraphConditionalHandle condition, int* counter, int end);
/// Counts *counter up, and sets the condition to `value` when it is `at`, only then.
cudaError_t set_once(cudaStream_t stream, cudaGraphConditionalHandle condition, int* counter, int at,
                     unsigned value);
cudaError_t nothing(const cudaLaunchConfig_t& config);
const void* nothing_kernel();
/// Threads that wait for each other forever.
cudaError_t hang(cudaStream_t stream);
/// Writes where no memory is.
cudaError_t write_far(cudaStream_t stream, float* target);

/// A stream, or an event, that is gone at the end.
class Stream {
 public:
  explicit Stream(unsigned int flags = cudaStreamNonBlocking) { cudaStreamCreateWithFlags(&stream_, flags); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { cudaStreamDestroy(stream_); }
  operator cudaStream_t() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

class Event {
 public:
  explicit Event(unsigned int flags = cudaEventDefault) { cudaEventCreateWithFlags(&event_, flags); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { cudaEventDestroy(event_); }
  operator cudaEvent_t() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

/// Another options().order until its end.
class InOrder {
 public:
  explicit InOrder(Order order) : before_(options().order) { options().order = order; }
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;
  ~InOrder() { options().order = before_; }

 private:
  Order before_;
};

/// A T in device memory (or pinned), zeroed.
template <class T>
class On {
 public:
  explicit On(bool pinned = false) : pinned_(pinned) {
    void* pointer = nullptr;
    if (pinned) {
      cudaMallocHost(&pointer, sizeof(T));
    } else {
      cudaMalloc(&pointer, sizeof(T));
    }
    cudaMemset(pointer, 0, sizeof(T));
    cudaDeviceSynchronize();
    pointer_ = static_cast<T*>(pointer);
  }
  On(const On&) = delete;
  On& operator=(const On&) = delete;
  ~On() { pinned_ ? cudaFreeHost(pointer_) : cudaFree(pointer_); }
  T* get() const { return pointer_; }
  /// What is there now: looks into the simulated memory, and waits for nothing.
  const T& now() const { return *pointer_; }

 private:
  bool pinned_;
  T* pointer_;
};

inline std::vector<int> entries(const Log& log) { return {log.entry, log.entry + log.count}; }

/// The kinds of what was reported since the last call.
inline std::vector<std::string> kinds() {
  std::vector<std::string> all;
  for (const Report& report : take_reports()) all.push_back(report.kind);
  return all;
}

using Kinds = std::vector<std::string>;

}  // namespace agon::simulator::runtime_test
