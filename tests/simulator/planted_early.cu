// Planted: kernels that may be set up while the one before them runs, and do not wait for it.
#include "tests/simulator/planted_bugs.hpp"
#include "tests/simulator/planted_launch.hpp"

namespace agon::simulator::planted {
namespace {

using kernels::cuda::wait_for_previous_kernel;

__global__ void reads_first(float* out, const float* in, bool planted) {
  if (!planted) wait_for_previous_kernel();
  const float value = in[threadIdx.x];  // planted: read before the wait
  if (planted) wait_for_previous_kernel();
  out[threadIdx.x] = value;
}

__global__ void writes_first(float* out, bool planted) {
  if (!planted) wait_for_previous_kernel();
  out[threadIdx.x] = 1.0f;  // planted: write before the wait
  if (planted) wait_for_previous_kernel();
}

__global__ void may_not_wait(bool planted) {
  if (!planted) wait_for_previous_kernel();
}

void run_reads_first(bool planted) {
  const Memory<float> out("out", 32), in("in", 32);
  run({.programmatic = true}, reads_first, out.get(), static_cast<const float*>(in.get()), planted);
}

void run_writes_first(bool planted) {
  const Memory<float> out("out", 32);
  run({.programmatic = true}, writes_first, out.get(), planted);
}

void run_never_waits(bool planted) {
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attribute.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.attrs = &attribute;
  config.numAttrs = 1;
  static_cast<void>(cudaLaunchKernelEx(&config, may_not_wait, planted));  // planted: no wait at all
  static_cast<void>(cudaDeviceSynchronize());
}

constexpr Bug kBugs[] = {
    {"read before the wait", "access before the wait", __FILE__, run_reads_first},
    {"write before the wait", "access before the wait", __FILE__, run_writes_first},
    {"no wait at all", "no wait", __FILE__, run_never_waits},
};

}  // namespace

std::span<const Bug> early_bugs() { return kBugs; }

}  // namespace agon::simulator::planted
