#include "host/commands/step_timing.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

#include "kernels/observer.hpp"

namespace agon::host {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Notes every operation's time, by its place in the step.
class Recorder : public kernels::OperationObserver {
 public:
  Recorder() { kernels::observe_operations(this); }
  ~Recorder() override { kernels::observe_operations(nullptr); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void begin(QueueView, const kernels::Operation& operation) override {
    if (place_ == seen_.size()) seen_.push_back({operation, {}});
    start_ = Clock::now();
  }
  void end(QueueView) override { seen_[place_++].seconds.push_back(since(start_)); }
  void next_step() { place_ = 0; }

  std::vector<OperationTime> times() {
    std::vector<OperationTime> times;
    for (auto& [operation, seconds] : seen_) {
      times.push_back({std::string(operation.name), operation.rows, operation.in, operation.out,
                       operation.multiply_adds, spread(seconds).median});
    }
    return times;
  }

 private:
  struct Seen {
    kernels::Operation operation;
    std::vector<double> seconds;
  };
  std::vector<Seen> seen_;
  std::size_t place_ = 0;
  Clock::time_point start_;
};

/// Steps timed together: enough for the clock, and on CUDA for the start of a graph, not to count.
std::uint64_t piece_of(Gan& gan) {
  const bool cuda = gan.device().kind() == DeviceKind::cuda;
  const double wanted = cuda ? 0.02 : 0.001;
  const std::uint64_t trial = cuda ? 64 : 3;
  gan.train(trial);  // plans are made in the first step
  const Clock::time_point start = Clock::now();
  gan.train(trial);
  const double step = since(start) / static_cast<double>(trial);
  return static_cast<std::uint64_t>(std::clamp(std::ceil(wanted / step), 1.0, 4096.0));
}

void give_rows(Gan& gan) {
  constexpr std::int64_t kRows = 4096;
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  std::vector<float> table(static_cast<std::size_t>(kRows * gan.config().width()));
  std::generate(table.begin(), table.end(), [&] { return normal(engine); });
  gan.set_data(table, kRows);
}

/// Calls `measure`, which returns seconds, for about `seconds`, and at least ten times.
template <class Measure>
std::vector<double> repeat(double seconds, Measure measure) {
  constexpr std::size_t kLeast = 10;
  std::vector<double> all;
  const Clock::time_point start = Clock::now();
  while (all.size() < kLeast || since(start) < seconds) all.push_back(measure());
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

StepTiming time_step(const GanConfig& config, const Device& device, double seconds) {
  Gan gan(config, device);
  give_rows(gan);
  const std::uint64_t piece = piece_of(gan);
  const auto timed = [&](std::uint64_t steps) {
    const Clock::time_point start = Clock::now();
    gan.train(steps);
    return since(start) / static_cast<double>(steps);
  };
  std::vector<double> whole = repeat(seconds, [&] { return timed(piece); });
  StepTiming timing{config.batch, static_cast<std::int64_t>(whole.size()), spread(whole), {}, {}};
  if (device.kind() == DeviceKind::cuda) return timing;
  Recorder recorder;
  std::vector<double> observed = repeat(seconds / 2, [&] {
    recorder.next_step();
    return timed(1);
  });
  timing.observed = spread(observed);
  timing.operations = recorder.times();
  return timing;
}

}  // namespace agon::host
