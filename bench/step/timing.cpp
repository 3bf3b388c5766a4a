#include "bench/step/timing.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <numeric>
#include <random>

#include "engine/gan/step_memory.hpp"
#include "host/run/layer_plan.hpp"

namespace agon::host {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// The times of a step's operations, step by step.
class Recorder {
 public:
  explicit Recorder(Gan& gan) : gan_(gan) {}

  void record() {
    const Clock::time_point start = Clock::now();
    std::vector<double> operations = gan_.time_operations();
    steps_.push_back({since(start), std::move(operations)});
  }

  /// Means over the fifth of the steps whose own time lies in the middle: what disturbed single operations is
  /// left out, and the operations still add up to their step.
  void summarise(StepTiming& timing) {
    std::sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.whole < b.whole; });
    const std::size_t first = steps_.size() * 2 / 5, last = std::max(first + 1, steps_.size() * 3 / 5);
    const double weight = 1 / static_cast<double>(last - first);
    for (OperationSummary& operation : gan_.operations()) timing.operations.push_back({std::move(operation)});
    for (std::size_t i = first; i < last; ++i) {
      timing.observed += weight * steps_[i].whole;
      for (std::size_t j = 0; j < timing.operations.size(); ++j)
        timing.operations[j].seconds += weight * steps_[i].operations[j];
    }
  }

 private:
  struct Step {
    double whole = 0;
    std::vector<double> operations;
  };
  Gan& gan_;
  std::vector<Step> steps_;
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

double quantile(const std::vector<double>& sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// Measured at least ten times; three where ten would take more than ten times as long as is asked for.
bool enough(std::size_t measurements, double spent, double seconds) {
  constexpr std::size_t kLeast = 3, kWanted = 10;
  return measurements >= kLeast && spent >= seconds && (measurements >= kWanted || spent >= 10 * seconds);
}

/// A GAN and what its steps took so far.
class TimedGan {
 public:
  TimedGan(const StepCase& one, const Device& device, const std::string& plan)
      : case_(one), gan_(one.config, device, {.steps_per_launch = one.steps_per_launch}, one.replicas) {
    plan_layers(gan_, plan);
    give_rows(gan_);
    piece_ = piece_of(gan_);
  }

  /// A round's part of `seconds`.
  void take_turn(double seconds) {
    constexpr double kTurns = 20;
    std::vector<double> turn;
    const Clock::time_point start = Clock::now();
    do turn.push_back(timed(piece_));
    while (since(start) < seconds / kTurns);
    spent_ += since(start);
    all_.insert(all_.end(), turn.begin(), turn.end());
    rounds_.push_back(spread(turn).median);
  }
  bool done(double seconds) const { return enough(rounds_.size(), spent_, seconds); }

  StepTiming result(double seconds) {
    StepTiming timing{.batch = case_.config.batch,
                      .micro_batch = micro_batch_of(case_.config, gan_.device()),
                      .steps_per_launch = case_.steps_per_launch,
                      .replicas = case_.replicas,
                      .measurements = static_cast<std::int64_t>(all_.size()),
                      .step = spread(all_),
                      .rounds = rounds_};
    if (gan_.device().kind() != DeviceKind::cuda && case_.replicas == 1) observe(seconds / 2, timing);
    return timing;
  }

 private:
  double timed(std::uint64_t steps) {
    const Clock::time_point start = Clock::now();
    gan_.train(steps);
    return since(start) / static_cast<double>(steps);
  }

  void observe(double seconds, StepTiming& timing) {
    Recorder recorder(gan_);
    const Clock::time_point start = Clock::now();
    for (std::size_t count = 0; !enough(count, since(start), seconds); ++count) recorder.record();
    recorder.summarise(timing);
  }

  StepCase case_;
  Gan gan_;
  std::uint64_t piece_ = 1;
  double spent_ = 0;
  std::vector<double> all_, rounds_;
};

}  // namespace

Spread spread(std::vector<double>& seconds) {
  std::sort(seconds.begin(), seconds.end());
  const double sum = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  return {quantile(seconds, 0.5), quantile(seconds, 0.1), quantile(seconds, 0.9),
          sum / static_cast<double>(seconds.size())};
}

Quartiles quartiles(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75)};
}

std::vector<StepTiming> time_steps(std::span<const StepCase> cases, const Device& device, double seconds,
                                   const std::string& plan) {
  std::deque<TimedGan> gans;
  for (const StepCase& one : cases) gans.emplace_back(one, device, plan);
  const auto all_done = [&] {
    return std::all_of(gans.begin(), gans.end(), [&](const TimedGan& gan) { return gan.done(seconds); });
  };
  for (bool forward = true; !all_done(); forward = !forward) {
    if (forward)
      std::for_each(gans.begin(), gans.end(), [&](TimedGan& gan) { gan.take_turn(seconds); });
    else
      std::for_each(gans.rbegin(), gans.rend(), [&](TimedGan& gan) { gan.take_turn(seconds); });
  }
  std::vector<StepTiming> timings;
  for (TimedGan& gan : gans) timings.push_back(gan.result(seconds));
  return timings;
}

Quartiles times_as_long(const StepTiming& one, const StepTiming& other) {
  std::vector<double> ratios;
  for (std::size_t round = 0; round < std::min(one.rounds.size(), other.rounds.size()); ++round)
    ratios.push_back(one.rounds[round] / other.rounds[round]);
  return quartiles(std::move(ratios));
}

}  // namespace agon::host
