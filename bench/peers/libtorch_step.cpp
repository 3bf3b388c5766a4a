// Times libtorch on the training step that `agon bench` times: C++ without Python, eager on the processor,
// several whole steps in one CUDA graph on a GPU. Prints one JSON object for each case; --follow as the
// Python peers (peer.py).
//
//   libtorch_step --start FILE --device cpu|cuda --cases 64:fp32,... [--threads N] [--seconds S] [--eager]
//   libtorch_step --follow FILE --device cpu|cuda
//
// FILE is a start that peer.py wrote: parameters, rows and noise, of any batch. Built by libtorch_build.py.
// Exit code 5: cannot run here.
#include <ATen/Parallel.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>

#include "libtorch_gan.hpp"

#ifdef AGON_PEER_CUDA
#include <ATen/cuda/CUDAContext.h>
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#endif

namespace {

using namespace agon_peer;

constexpr int kStepsPerGraph = 16;

struct NotHere : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// How the steps are run and timed: one by one by the host's clock, or in a CUDA graph between events.
struct Runner {
  int steps_per_call = 1;
  std::function<void()> call;
  std::function<double(int)> timed;  // seconds of so many calls
};

Runner eager_runner(Gan& gan) {
  Runner runner;
  runner.call = [&gan] {
    gan.draw();
    gan.step();
  };
  runner.timed = [call = runner.call](int calls) {
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) call();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  };
  return runner;
}

#ifdef AGON_PEER_CUDA
double seconds_on_device(const std::function<void()>& call, int calls) {
  at::cuda::CUDAEvent begin(cudaEventDefault), end(cudaEventDefault);
  begin.record();
  for (int i = 0; i < calls; ++i) call();
  end.record();
  end.synchronize();
  return begin.elapsed_time(end) * 1e-3;
}

/// `work` as a graph. It is run before, as libraries need; what that trained is taken back.
std::shared_ptr<at::cuda::CUDAGraph> capture(Gan& gan, const Start& start, at::Device device,
                                             const std::function<void()>& work) {
  for (int i = 0; i < 3; ++i) work();
  gan.copy_state_from(Player(start.networks[0], device), Player(start.networks[1], device));
  at::cuda::device_synchronize();
  auto graph = std::make_shared<at::cuda::CUDAGraph>();
  graph->capture_begin();
  work();
  graph->capture_end();
  return graph;
}
#endif

struct Options {
  std::string start, follow;
  at::Device device = at::kCPU;
  std::vector<std::pair<std::int64_t, std::string>> cases;
  int threads = 0;
  double seconds = 2;
  bool eager = false;
};

Runner make_runner(Gan& gan, [[maybe_unused]] const Start& start, const Options& options) {
  Runner runner = eager_runner(gan);
#ifdef AGON_PEER_CUDA
  if (options.device.is_cuda()) {
    if (!options.eager) {
      const auto graph = capture(gan, start, options.device, [step = runner.call] {
        for (int i = 0; i < kStepsPerGraph; ++i) step();
      });
      runner.call = [graph] { graph->replay(); };
      runner.steps_per_call = kStepsPerGraph;
    }
    runner.timed = [call = runner.call](int calls) { return seconds_on_device(call, calls); };
  }
#endif
  static_cast<void>(options);
  return runner;
}

double quantile(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(std::lround(q * static_cast<double>(sorted.size() - 1)))];
}

/// Throws where the losses or a parameter stayed, or Adam's count is not `steps`.
void check_trained(const Gan& gan, const Start& start, Losses first, std::int64_t steps) {
  const Losses last = gan.losses();
  for (const double loss : {first.first, first.second, last.first, last.second})
    if (!std::isfinite(loss)) throw std::runtime_error("a loss is not finite");
  if (first.first == last.first || first.second == last.second) throw std::runtime_error("the losses stayed");
  for (const double moved : gan.moved(start))
    if (!(moved > kRate / 10)) throw std::runtime_error("a parameter stayed");
  if (gan.g().count[0].item<double>() != static_cast<double>(steps) ||
      gan.d().count[0].item<double>() != static_cast<double>(steps))
    throw std::runtime_error("Adam did not count every step");
}

/// Times one case and prints its object.
void measure(const Start& start, const Options& options, std::int64_t batch, const std::string& precision) {
  if (precision == "tf32" && !options.device.is_cuda()) throw NotHere("TF32 needs --device cuda");
  at::globalContext().setAllowTF32CuBLAS(precision == "tf32");
  Gan gan(start, options.device, batch, precision == "bf16");
  const Runner runner = make_runner(gan, start, options);
  std::int64_t run = 0;
  const auto timed = [&](int calls) {
    run += calls;
    return runner.timed(calls);
  };
  timed(1);
  const Losses first = gan.losses();
  timed(3);
  int calls = 1;
  if (options.device.is_cuda()) {
    double took = timed(calls);
    for (; took < 0.01 && calls < 1 << 16; took = timed(calls)) calls *= 2;
    calls = std::max(1, static_cast<int>(calls * 0.02 / took));
  }
  std::vector<double> times;
  double total = 0;
  while (times.size() < 10 || total < options.seconds) {
    const double took = timed(calls);
    total += took;
    times.push_back(took / (calls * runner.steps_per_call));
  }
  std::sort(times.begin(), times.end());
  const std::int64_t steps = run * runner.steps_per_call;
  check_trained(gan, start, first, steps);
  const Losses last = gan.losses();
  std::printf(
      "{\"peer\": \"libtorch %s %s\", \"mode\": \"libtorch\", \"device\": \"%s\", \"precision\": \"%s\", "
      "\"batch\": %lld, "
      "\"threads\": %d, \"steps_per_call\": %d, \"calls_per_measurement\": %d, \"measurements\": %zu, "
      "\"step_seconds\": "
      "{\"median\": %.9g, \"p10\": %.9g, \"p90\": %.9g}, \"steps\": %lld, \"first_losses\": [%.9g, %.9g], "
      "\"final_losses\": [%.9g, %.9g]}\n",
      TORCH_VERSION, runner.steps_per_call > 1 ? "graph" : "eager", options.device.is_cuda() ? "cuda" : "cpu",
      precision.c_str(), static_cast<long long>(batch), at::get_num_threads(), runner.steps_per_call, calls,
      times.size(), quantile(times, 0.5), quantile(times, 0.1), quantile(times, 0.9),
      static_cast<long long>(steps), first.first, first.second, last.first, last.second);
  std::fflush(stdout);
}

void follow(const Options& options) {
  const Start start = read_start(options.follow);
  Gan gan(start, options.device, start.rows.size(1), false);
  std::function<void()> step = [&gan] { gan.step(); };
#ifdef AGON_PEER_CUDA
  if (options.device.is_cuda() && !options.eager) {
    gan.give(start.rows[0], start.noise[0]);
    step = [graph = capture(gan, start, options.device, step)] { graph->replay(); };
  }
#endif
  std::string losses, moved;
  for (std::int64_t i = 0; i < start.rows.size(0); ++i) {
    gan.give(start.rows[i], start.noise[i]);
    step();
    const auto [d, g] = gan.losses();
    char text[80];
    std::snprintf(text, sizeof text, "%s[%.9g, %.9g]", i > 0 ? ", " : "", d, g);
    losses += text;
  }
  for (const double length : gan.moved(start)) {
    char text[40];
    std::snprintf(text, sizeof text, "%s%.9g", moved.empty() ? "" : ", ", length);
    moved += text;
  }
  std::printf("{\"peer\": \"libtorch %s\", \"mode\": \"libtorch\", \"losses\": [%s], \"moved\": [%s]}\n",
              TORCH_VERSION, losses.c_str(), moved.c_str());
}

Options parse(int count, char** words) {
  Options options;
  std::map<std::string, std::string> flags;
  for (int i = 1; i < count; ++i) {
    const std::string flag = words[i];
    if (flag == "--eager") {
      options.eager = true;
    } else if (i + 1 < count) {
      flags[flag] = words[++i];
    }
  }
  options.start = flags["--start"];
  options.follow = flags["--follow"];
  if (flags["--device"] == "cuda") options.device = at::Device(at::kCUDA, 0);
  if (!flags["--threads"].empty()) options.threads = std::stoi(flags["--threads"]);
  if (!flags["--seconds"].empty()) options.seconds = std::stod(flags["--seconds"]);
  std::stringstream list(flags["--cases"].empty() ? "64:fp32" : flags["--cases"]);
  for (std::string one; std::getline(list, one, ',');) {
    const std::size_t colon = one.find(':');
    options.cases.emplace_back(std::stoll(one), colon == std::string::npos ? "fp32" : one.substr(colon + 1));
  }
  return options;
}

void run(const Options& options) {
  if (options.threads > 0) at::set_num_threads(options.threads);
  at::manual_seed(1);
#ifdef AGON_PEER_CUDA
  std::optional<c10::cuda::CUDAStreamGuard> guard;  // a capture cannot be made on the default stream
  if (options.device.is_cuda()) {
    if (!at::hasCUDA()) throw NotHere("libtorch sees no CUDA device");
    guard.emplace(c10::cuda::getStreamFromPool());
  }
#else
  if (options.device.is_cuda()) throw NotHere("this libtorch peer was built without CUDA");
#endif
  if (!options.follow.empty()) return follow(options);
  const Start start = read_start(options.start);
  for (const auto& [batch, precision] : options.cases) {
    try {
      measure(start, options, batch, precision);
    } catch (const NotHere& reason) {
      if (options.cases.size() == 1) throw;
      std::printf(
          "{\"peer\": \"libtorch\", \"mode\": \"libtorch\", \"precision\": \"%s\", \"batch\": %lld, "
          "\"not_here\": \"%s\"}\n",
          precision.c_str(), static_cast<long long>(batch), reason.what());
    }
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    run(parse(count, words));
    return 0;
  } catch (const NotHere& reason) {
    std::fprintf(stderr, "libtorch: %s\n", reason.what());
    return 5;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "libtorch: %s\n", error.what());
    return 1;
  }
}
