// agon_probes [REPEATS [GROUP...]]: runs every probe of these groups (end, loop, graph, barrier, cluster,
// memory, arithmetic; all without one) in a process of its own and prints a JSON line for each. agon_probes
// hold: keeps a context on the device until standard input ends, so that nobody else waits for the driver to
// set the device up.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "bench/probes/probe.hpp"

namespace agon::probes {
namespace {

constexpr int kLeastRepeats = 20;
constexpr unsigned kPatience = 20;  // seconds for one probe

struct Group {
  const char* name;
  std::vector<Probe> (*probes)();
};
constexpr Group kGroups[] = {{"end", end_probes},
                             {"loop", loop_probes},
                             {"graph", graph_probes},
                             {"barrier", barrier_probes},
                             {"cluster", cluster_probes},
                             {"memory", memory_probes},
                             {"arithmetic", arithmetic_probes}};

/// Until standard input ends.
int hold() {
  if (const cudaError_t status = cudaFree(nullptr); status != cudaSuccess) {
    std::fprintf(stderr, "agon_probes: %s\n", cudaGetErrorString(status));
    return 1;
  }
  std::puts("held");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

/// In JSON's quotes.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

void print_error(const Probe& probe, const std::string& why) {
  std::printf("{\"probe\": %s, \"error\": %s}\n", quoted(probe.name).c_str(), quoted(why).c_str());
  std::fflush(stdout);
}

void print_samples(const Probe& probe, Samples samples) {
  std::vector<double>& values = samples.values;
  for (const double value : values) {
    if (!std::isfinite(value)) return print_error(probe, "a sample is not finite");
  }
  std::sort(values.begin(), values.end());
  const auto quantile = [&](double q) {
    return values[static_cast<std::size_t>(std::lround(q * static_cast<double>(values.size() - 1)))];
  };
  std::printf(
      "{\"probe\": %s, \"unit\": %s, \"median\": %.6g, \"p10\": %.6g, \"p90\": %.6g, \"repeats\": %zu, "
      "\"note\": %s}\n",
      quoted(probe.name).c_str(), quoted(probe.unit).c_str(), quantile(0.5), quantile(0.1), quantile(0.9),
      values.size(), quoted(samples.note).c_str());
  std::fflush(stdout);
}

/// In a child process: measures and prints; true where a figure came out.
bool measure(const Probe& probe, int repeats) {
  try {
    int count = 0;
    if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) {
      print_error(probe, "no CUDA device");
      return false;
    }
    const Samples samples = probe.measure(repeats);
    AGON_CUDA_CHECK(cudaDeviceSynchronize());
    print_samples(probe, samples);
    return true;
  } catch (const std::exception& error) {
    print_error(probe, error.what());
    return false;
  }
}

/// True where the probe gave a figure. A fault that ends or hangs its process costs no other probe.
bool run(const Probe& probe, int repeats) {
  const pid_t child = fork();
  if (child < 0) {
    print_error(probe, std::string("no process: ") + std::strerror(errno));
    return false;
  }
  if (child == 0) {
    alarm(kPatience);
    const bool good = measure(probe, repeats);
    std::fflush(stdout);
    _exit(good ? 0 : 1);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    print_error(probe, number == SIGALRM ? "no end after " + std::to_string(kPatience) + " s"
                                         : "its process was ended by signal " + std::to_string(number));
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Probes that failed.
int run_groups(int repeats, const std::vector<std::string>& names) {
  int failed = 0;
  for (const Group& group : kGroups) {
    if (!names.empty() && std::find(names.begin(), names.end(), group.name) == names.end()) continue;
    for (const Probe& probe : group.probes()) failed += run(probe, repeats) ? 0 : 1;
  }
  return failed;
}

}  // namespace
}  // namespace agon::probes

int main(int count, char** words) {
  using namespace agon::probes;
  if (count > 1 && std::strcmp(words[1], "hold") == 0) return hold();
  const int repeats = std::max(kLeastRepeats, count > 1 ? std::atoi(words[1]) : 50);
  return run_groups(repeats, {words + std::min(count, 2), words + count}) > 0 ? 1 : 0;
}
