#include "engine/runtime/device.hpp"

#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "engine/runtime/cuda/runtime.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

/// The first number of OMP_NUM_THREADS ("8" or "8,2" for nested regions); 0 where it is unset or not a count.
int omp_num_threads() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  if (text == nullptr) return 0;
  const std::string_view value(text);
  int threads = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), threads);
  const bool whole = end == value.data() + value.size() || *end == ',';
  return error == std::errc() && whole && threads > 0 ? threads : 0;
}

std::string processor_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "processor";
}

std::string gibibytes(double bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GiB", bytes / (1 << 30));
  return text;
}

}  // namespace

Device Device::cpu(int threads) {
  if (threads < 0) throw ConfigurationError("threads must be at least 0, not " + std::to_string(threads));
  if (threads == 0) threads = omp_num_threads();
  // The process's affinity mask, as it was before OMP_PROC_BIND tied this thread to one core.
  if (threads == 0) threads = omp_get_num_procs();
  return Device(DeviceKind::cpu, 0, threads);
}

Device Device::cuda(int index) {
  const std::vector<int> usable = cuda::usable_devices();
  if (usable.empty()) throw DeviceError("no CUDA device can be used: " + why_no_cuda());
  if (std::find(usable.begin(), usable.end(), index) == usable.end()) {
    std::string list;
    for (const int one : usable) list += (list.empty() ? "cuda:" : ", cuda:") + std::to_string(one);
    throw DeviceError("no device cuda:" + std::to_string(index) + "; there is " + list);
  }
  return Device(DeviceKind::cuda, index, 1);
}

Device Device::best(int threads) {
  const std::vector<int> usable = cuda::usable_devices();
  return usable.empty() ? cpu(std::max(0, threads)) : Device(DeviceKind::cuda, usable.front(), 1);
}

Device Device::parse(std::string_view text, int threads) {
  if (text == "auto") return best(threads);
  if (text == "cpu") return cpu(threads);
  if (text == "cuda") {
    const std::vector<int> usable = cuda::usable_devices();
    return cuda(usable.empty() ? 0 : usable.front());
  }
  constexpr std::string_view kPrefix = "cuda:";
  if (text.starts_with(kPrefix)) {
    const char* const end = text.data() + text.size();
    int index = -1;
    const auto [stop, error] = std::from_chars(text.data() + kPrefix.size(), end, index);
    if (error == std::errc() && stop == end && index >= 0) return cuda(index);
  }
  throw ConfigurationError("unknown device '" + std::string(text) + "': expected auto, cpu, cuda or cuda:N");
}

std::vector<Device> Device::all() {
  std::vector<Device> devices{cpu()};
  for (const int index : cuda::usable_devices()) devices.push_back(Device(DeviceKind::cuda, index, 1));
  return devices;
}

std::string Device::why_no_cuda() { return cuda::why_none(); }

std::string Device::name() const {
  return kind_ == DeviceKind::cpu ? "cpu" : "cuda:" + std::to_string(index_);
}

std::int64_t Device::cache_bytes() const {
  if (kind_ == DeviceKind::cuda) return cuda::cache_bytes(index_);
  return std::max<std::int64_t>(sysconf(_SC_LEVEL3_CACHE_SIZE), 0);
}

std::string Device::description() const {
  if (kind_ == DeviceKind::cuda) return cuda::describe(index_);
  const double bytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return processor_model() + ", " + std::to_string(threads_) + (threads_ == 1 ? " thread, " : " threads, ") +
         gibibytes(bytes) + " memory";
}

}  // namespace agon
