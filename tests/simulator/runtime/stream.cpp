// The order of work in streams. Source: CUDA Runtime API, "Stream synchronization behavior".
#include "tests/simulator/runtime/stream.hpp"

#include <map>
#include <thread>

#include "tests/simulator/runtime/capture.hpp"
#include "tests/simulator/runtime/handles.hpp"

namespace agon::simulator {
namespace {

CUstream_st& legacy_stream() {
  static auto& stream = *[] {
    auto* const one = new CUstream_st;
    one->legacy = true;
    return one;
  }();
  return stream;
}

std::map<std::thread::id, std::unique_ptr<CUstream_st>>& per_thread_streams() {
  static auto& all = *new std::map<std::thread::id, std::unique_ptr<CUstream_st>>;
  return all;
}

/// What the next work of the stream must come after.
std::vector<WorkPointer> before_next(CUstream_st& stream) {
  std::vector<WorkPointer> after = stream.waits;
  after.push_back(stream.last);
  for (CUstream_st* other : all_streams())
    if (stream.legacy ? other->blocking() : stream.blocking() && other->legacy) after.push_back(other->last);
  return after;
}

}  // namespace

Handles<CUstream_st>& streams() {
  static auto& all = *new Handles<CUstream_st>;
  return all;
}

CUstream_st* stream_of(cudaStream_t handle) {
  if (handle == nullptr || handle == cudaStreamLegacy) return &legacy_stream();
  if (handle == cudaStreamPerThread) {
    auto& stream = per_thread_streams()[std::this_thread::get_id()];
    if (stream == nullptr) stream = std::make_unique<CUstream_st>();
    return stream.get();
  }
  if (streams().has(handle)) return handle;
  report_handle("a stream");
  return nullptr;
}

std::vector<CUstream_st*> all_streams() {
  std::vector<CUstream_st*> all{&legacy_stream()};
  for (const auto& [thread, stream] : per_thread_streams()) all.push_back(stream.get());
  for (const auto& [handle, stream] : streams().all()) all.push_back(handle);
  return all;
}

cudaError_t submit(CUstream_st& stream, Operation operation) {
  check_outside_capture(stream);
  if (stream.capture != nullptr) return capture_operation(stream, std::move(operation));
  if (const cudaError_t status = check_implicit_order(stream); status != cudaSuccess) return status;
  stream.last = add_work(std::move(operation.run), before_next(stream));
  stream.waits.clear();
  return cudaSuccess;
}

WorkPointer tail_of(CUstream_st& stream) {
  std::vector<WorkPointer> after = before_next(stream);
  std::erase_if(after, [&](const WorkPointer& work) { return is_done(work) || work == stream.last; });
  if (after.empty() || (stream.blocking() && stream.waits.empty())) return stream.last;
  // An empty piece of work that comes after all of it.
  after.push_back(stream.last);
  stream.last = add_work([] { return cudaSuccess; }, std::move(after));
  stream.waits.clear();
  return stream.last;
}

cudaError_t wait_for_stream(CUstream_st& stream) { return complete(tail_of(stream)); }

}  // namespace agon::simulator
