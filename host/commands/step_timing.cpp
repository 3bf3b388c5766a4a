#include "host/commands/step_timing.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

#include "engine/training/step_memory.hpp"
#include "host/run/layer_plan.hpp"
#include "kernels/observer.hpp"

namespace agon::host {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Notes every operation's time, step by step.
class Recorder : public kernels::OperationObserver {
 public:
  Recorder() { kernels::observe_operations(this); }
  ~Recorder() override { kernels::observe_operations(nullptr); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void begin(QueueView, const kernels::Operation& operation) override {
    if (steps_.size() == 1) operations_.push_back(operation);
    start_ = Clock::now();
  }
  void end(QueueView) override { steps_.back().operations.push_back(since(start_)); }

  /// Runs `step`, which returns its own seconds.
  template <class Step>
  void record(Step step) {
    steps_.emplace_back();
    const double seconds = step();
    steps_.back().whole = seconds;
  }
  double whole() const { return steps_.back().whole; }

  /// Means over the fifth of the steps whose own time lies in the middle: what disturbed single operations is
  /// left out, and the operations still add up to their step.
  void summarise(StepTiming& timing) {
    std::sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.whole < b.whole; });
    const std::size_t first = steps_.size() * 2 / 5, last = std::max(first + 1, steps_.size() * 3 / 5);
    const double weight = 1 / static_cast<double>(last - first);
    for (const kernels::Operation& o : operations_)
      timing.operations.push_back({std::string(o.name), o.rows, o.in, o.out, o.multiply_adds, 0});
    for (std::size_t i = first; i < last; ++i) {
      timing.observed += weight * steps_[i].whole;
      for (std::size_t j = 0; j < operations_.size(); ++j)
        timing.operations[j].seconds += weight * steps_[i].operations[j];
    }
  }

 private:
  struct Step {
    double whole = 0;
    std::vector<double> operations;
  };
  std::vector<kernels::Operation> operations_;
  std::vector<Step> steps_;
  Clock::time_point start_;
};

/// Steps timed together: enough for the clock not to count, and on CUDA for what a run() asks before and
/// after, or for threads to find each other.
std::uint64_t piece_of(Gan& gan) {
  const bool cuda = gan.device().kind() == DeviceKind::cuda;
  const double wanted = cuda || gan.replicas() > 1 ? 0.1 : 0.001;
  const std::uint64_t trial = cuda ? 64 : 3;
  gan.train(cuda ? trial : 1);  // plans are made in the first step
  Clock::time_point start = Clock::now();
  if (!cuda) gan.train(1);
  if (since(start) > 50 * wanted) return 1;
  start = Clock::now();
  gan.train(trial);
  const double step = since(start) / static_cast<double>(trial);
  return static_cast<std::uint64_t>(std::clamp(std::ceil(wanted / step), 1.0, 65536.0));
}

void give_rows(Gan& gan) {
  constexpr std::int64_t kRows = 4096;
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  std::vector<float> table(static_cast<std::size_t>(kRows * gan.config().width()));
  std::generate(table.begin(), table.end(), [&] { return normal(engine); });
  gan.set_data(table, kRows);
}

/// Calls `measure`, which returns seconds, for about `seconds`, and at least ten times; three where ten would
/// take more than ten times as long.
template <class Measure>
std::vector<double> repeat(double seconds, Measure measure) {
  constexpr std::size_t kLeast = 3, kWanted = 10;
  std::vector<double> all;
  const Clock::time_point start = Clock::now();
  const auto enough = [&] {
    const double spent = since(start);
    return all.size() >= kLeast && spent >= seconds && (all.size() >= kWanted || spent >= 10 * seconds);
  };
  while (!enough()) all.push_back(measure());
  return all;
}

}  // namespace

Spread spread(std::vector<double>& seconds) {
  std::sort(seconds.begin(), seconds.end());
  const auto quantile = [&](double q) {
    const double place = q * static_cast<double>(seconds.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, seconds.size() - 1);
    return seconds[below] + (place - static_cast<double>(below)) * (seconds[above] - seconds[below]);
  };
  return {quantile(0.5), quantile(0.1), quantile(0.9)};
}

StepTiming time_step(const StepCase& one, const Device& device, double seconds, const std::string& plan) {
  Gan gan(one.config, device, {.steps_per_launch = one.steps_per_launch}, one.replicas);
  plan_layers(gan, plan);
  give_rows(gan);
  const std::uint64_t piece = piece_of(gan);
  const auto timed = [&](std::uint64_t steps) {
    const Clock::time_point start = Clock::now();
    gan.train(steps);
    return since(start) / static_cast<double>(steps);
  };
  std::vector<double> whole = repeat(seconds, [&] { return timed(piece); });
  StepTiming timing{.batch = one.config.batch,
                    .micro_batch = micro_batch_of(one.config, device),
                    .steps_per_launch = one.steps_per_launch,
                    .replicas = one.replicas,
                    .measurements = static_cast<std::int64_t>(whole.size()),
                    .step = spread(whole)};
  if (device.kind() == DeviceKind::cuda || one.replicas > 1) return timing;
  Recorder recorder;
  repeat(seconds / 2, [&] {
    recorder.record([&] { return timed(1); });
    return recorder.whole();
  });
  recorder.summarise(timing);
  return timing;
}

}  // namespace agon::host
