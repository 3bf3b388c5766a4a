// The runtime's CUDA side in a build without CUDA: no devices, and whatever asks for one is told so.
#include "engine/runtime/cuda/runtime.hpp"
#include "kernels/error.hpp"

namespace agon::cuda {
namespace {

constexpr const char* kReason = "this build has no CUDA";

}  // namespace

std::vector<int> usable_devices() noexcept { return {}; }
std::string why_none() { return kReason; }
std::string describe(int) { throw DeviceError(kReason); }
bool launches_programmatically(int) { throw DeviceError(kReason); }
std::string identity(int) { throw DeviceError(kReason); }
bool has_clock(int) { throw DeviceError(kReason); }
std::int64_t cache_bytes(int) { throw DeviceError(kReason); }

void* allocate(int, std::size_t, MemoryKind) { throw DeviceError(kReason); }
void release(int, void*, MemoryKind) noexcept {}
void* create_stream(int) { throw DeviceError(kReason); }
void destroy_stream(int, void*) noexcept {}
void wait(int, void*) { throw DeviceError(kReason); }
void throw_if_failed(int, void*) { throw DeviceError(kReason); }
void report(int, QueueView, kernels::StepState*, kernels::LoopReport*) { throw DeviceError(kReason); }
void copy(int, void*, void*, const void*, std::size_t) { throw DeviceError(kReason); }
void zero(int, void*, void*, std::size_t) { throw DeviceError(kReason); }

struct StepGraph::Implementation {};
StepGraph::StepGraph(StepGraph&&) noexcept = default;
StepGraph& StepGraph::operator=(StepGraph&&) noexcept = default;
StepGraph::~StepGraph() = default;
StepGraph StepGraph::straight(int, QueueView, const Body&, int) { throw DeviceError(kReason); }
StepGraph StepGraph::repeating(int, QueueView, const Body&, int, const kernels::StepEnd&,
                               const std::uint32_t*, std::uint64_t, kernels::LoopReport*) {
  throw DeviceError(kReason);
}
void StepGraph::launch() { throw DeviceError(kReason); }
std::vector<double> time_in_graph(int, QueueView, const StepGraph::Body&, int, int) {
  throw DeviceError(kReason);
}

}  // namespace agon::cuda
