#include "engine/runtime/device.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "engine/runtime/cuda/runtime.hpp"
#include "engine/runtime/decimal_text.hpp"
#include "engine/runtime/processors.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

constexpr int kMostThreads = 4096;

std::string processor_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "processor";
}

}  // namespace

Device Device::cpu(int threads) {
  if (threads < 0 || threads > kMostThreads)
    throw ConfigurationError("threads must be from 0 to " + std::to_string(kMostThreads) + ", not " +
                             std::to_string(threads));
  if (threads == 0) threads = std::min(default_threads().count, kMostThreads);
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
  return usable.empty() ? cpu(std::clamp(threads, 0, kMostThreads))
                        : Device(DeviceKind::cuda, usable.front(), 1);
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
  constexpr std::int64_t kUsual = 1 << 20;
  const std::int64_t its_own = sysconf(_SC_LEVEL2_CACHE_SIZE);
  return threads_ * (its_own > 0 ? its_own : kUsual);
}

std::string Device::description() const {
  if (kind_ == DeviceKind::cuda) return cuda::describe(index_);
  const double bytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return processor_model() + ", " + std::to_string(threads_) + (threads_ == 1 ? " thread, " : " threads, ") +
         fixed_decimal(bytes / (1 << 30), 1) + " GiB memory";
}

}  // namespace agon
