// Launching kernels. Source: CUDA Runtime API, "Execution Control", cudaLaunchKernelExC; the limits:
// limits.hpp.
#include "tests/simulator/core/grid.hpp"
#include "tests/simulator/runtime/errors.hpp"
#include "tests/simulator/runtime/kernel_settings.hpp"
#include "tests/simulator/runtime/stream.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon::simulator {
namespace {

std::uint64_t without_carveout = 0;

std::uint64_t volume(const dim3& extent) { return std::uint64_t{extent.x} * extent.y * extent.z; }

cudaError_t read_attributes(const cudaLaunchConfig_t& config, Grid* grid) {
  if (config.numAttrs > 0 && config.attrs == nullptr) return cudaErrorInvalidValue;
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const cudaLaunchAttributeValue& value = config.attrs[i].val;
    switch (config.attrs[i].id) {
      case cudaLaunchAttributeIgnore:
      case cudaLaunchAttributePriority:
        break;
      case cudaLaunchAttributeProgrammaticStreamSerialization:  // allowed to overlap is not bound to:
                                                                // early.cpp
        grid->programmatic = value.programmaticStreamSerializationAllowed != 0;
        break;
      case cudaLaunchAttributeCooperative:
        grid->cooperative = value.cooperative != 0;
        break;
      case cudaLaunchAttributeClusterDimension:
        grid->cluster = dim3(value.clusterDim.x, value.clusterDim.y, value.clusterDim.z);
        break;
      default:
        return cudaErrorInvalidValue;
    }
  }
  return cudaSuccess;
}

cudaError_t check_extents(const Grid& grid) {
  const dim3 &blocks = grid.blocks, &threads = grid.threads;
  if (volume(blocks) == 0 || blocks.x > kGridX || blocks.y > kGridYZ || blocks.z > kGridYZ)
    return cudaErrorInvalidConfiguration;
  if (volume(threads) == 0 || threads.x > kThreadsPerBlock || threads.y > kThreadsPerBlock ||
      threads.z > kBlockZ || volume(threads) > kThreadsPerBlock)
    return cudaErrorInvalidConfiguration;
  return cudaSuccess;
}

cudaError_t check_cluster(const Grid& grid, const KernelSettings& settings) {
  const std::uint64_t size = volume(grid.cluster);
  if (size == 0) return cudaErrorInvalidConfiguration;
  if (size > (settings.large_clusters ? kLargestCluster : kPortableCluster))
    return cudaErrorInvalidClusterSize;
  const bool divides = grid.blocks.x % grid.cluster.x == 0 && grid.blocks.y % grid.cluster.y == 0 &&
                       grid.blocks.z % grid.cluster.z == 0;
  return divides ? cudaSuccess : cudaErrorInvalidConfiguration;
}

cudaError_t check_limits(const Grid& grid) {
  const KernelSettings& settings = settings_of(grid.kernel);
  if (const cudaError_t status = check_extents(grid); status != cudaSuccess) return status;
  if (grid.dynamic_shared > static_cast<std::size_t>(settings.most_dynamic_shared))
    return cudaErrorInvalidValue;
  if (const cudaError_t status = check_cluster(grid, settings); status != cudaSuccess) return status;
  if (!grid.cooperative) return cudaSuccess;
  const auto resident = static_cast<std::uint64_t>(options().multiprocessors) *
                        static_cast<std::uint64_t>(blocks_per_multiprocessor(
                            static_cast<unsigned>(volume(grid.threads)), grid.dynamic_shared));
  return volume(grid.blocks) > resident ? cudaErrorCooperativeLaunchTooLarge : cudaSuccess;
}

cudaError_t error_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::completed:
      return cudaSuccess;
    case Outcome::illegal_address:
      return cudaErrorIllegalAddress;
    case Outcome::misaligned_address:
      return cudaErrorMisalignedAddress;
    case Outcome::failed:
      break;
  }
  return cudaErrorLaunchFailure;
}

cudaError_t submit_launch(const Grid& grid, std::shared_ptr<const KernelCall> call, CUstream_st& stream) {
  const bool captured = stream.capture != nullptr;
  const bool idle = is_done(stream.last);
  const auto run = [grid, call] { return error_of(run_grid(grid, [&] { call->run_thread(); })); };
  const cudaError_t status = submit(stream, {cudaGraphNodeTypeKernel, run});
  if (status != cudaSuccess) return status;
  LaunchRecord record{std::move(call), grid.blocks, grid.threads, grid.dynamic_shared, grid.launched_from};
  if (captured) {
    stream.history.captured(std::move(record));
  } else {
    stream.history.launched(std::move(record), idle);
  }
  return cudaSuccess;
}

}  // namespace

std::uint64_t launches_without_carveout() { return without_carveout; }

cudaError_t launch(const cudaLaunchConfig_t* config, KernelCall call) noexcept {
  return api([&] {
    if (config == nullptr) return cudaErrorInvalidValue;
    if (call.kernel() == nullptr) return cudaErrorInvalidDeviceFunction;
    CUstream_st* const stream = stream_of(config->stream);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    Grid grid;
    grid.blocks = config->gridDim;
    grid.threads = config->blockDim;
    grid.dynamic_shared = config->dynamicSmemBytes;
    grid.kernel = call.kernel();
    grid.launched_from = CallStack::here();
    if (const cudaError_t status = read_attributes(*config, &grid); status != cudaSuccess) return status;
    if (const cudaError_t status = check_limits(grid); status != cudaSuccess) return status;
    if (grid.programmatic && stream->capture != nullptr && !options().captures_programmatic_launches)
      return cudaErrorNotSupported;
    if (settings_of(grid.kernel).carveout < 0) ++without_carveout;
    return submit_launch(grid, std::make_shared<const KernelCall>(std::move(call)), *stream);
  });
}

}  // namespace agon::simulator
