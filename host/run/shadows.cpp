#include "host/run/shadows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "host/run/interrupt.hpp"
#include "host/run/layer_plan.hpp"
#include "host/run/replica_run.hpp"
#include "host/run/step_rate.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

using ShadowClock = std::chrono::steady_clock;

double seconds_since(ShadowClock::time_point begin) {
  return std::chrono::duration<double>(ShadowClock::now() - begin).count();
}

class ShadowTrainer {
 public:
  ShadowTrainer(const ShadowRequest& request, const Device& device)
      : request_(request), device_(device), progress_(request.progress) {
    constexpr int kMostOnDevice = 64;
    const int most = device.kind() == DeviceKind::cpu ? device.threads() : kMostOnDevice;
    const int groups = (request.shadows + most - 1) / most;
    group_ = (request.shadows + groups - 1) / groups;
  }

  ShadowResult run() {
    while (next_ < request_.shadows && !result_.interrupted) {
      const int count = std::min(group_, request_.shadows - next_);
      const std::unique_ptr<Gan> gan = made(count);
      if (!gan) continue;
      if (train(*gan)) hand_over(*gan);
      next_ += gan->replicas();
    }
    return std::move(result_);
  }

 private:
  /// Null where the device has no room for so many: then there are fewer in a group.
  std::unique_ptr<Gan> made(int count) {
    GanConfig config = request_.config;
    config.seed += static_cast<std::uint64_t>(next_);
    try {
      auto gan = std::make_unique<Gan>(config, device_, LoopOptions{}, count);
      give_rows(*gan);
      return gan;
    } catch (const DeviceError&) {
      if (count == 1) throw;
      group_ = (count + 1) / 2;
      return nullptr;
    }
  }

  void give_rows(Gan& gan) const {
    std::vector<CodedRows> records;
    std::vector<std::vector<float>> numbers;
    std::int64_t rows = 0;
    for (int r = 0; r < gan.replicas(); ++r) {
      TableRows its = request_.rows(next_ + r);
      rows = its.rows;
      records.push_back(std::move(its.records));
      numbers.push_back(std::move(its.standardised));
    }
    if (gan.config().generator.records.any())
      gan.set_data_of_each(records);
    else
      gan.set_data_of_each(numbers, rows);
    plan_layers(gan, "auto", nullptr, /*quiet=*/true);
  }

  /// False where Ctrl-C ended it.
  bool train(Gan& gan) {
    std::uint64_t seen = 0;
    auto last = ShadowClock::now();
    const auto watch = [&] {
      MeanStatistics mean;
      const std::vector<StepStatistics> fresh = gan.statistics(seen);
      if (!fresh.empty()) {
        rate_.took(fresh.back().step - seen, seconds_since(last));
        seen = fresh.back().step;
        last = ShadowClock::now();
        if (!progress_.due()) return !InterruptGuard::requested();
        mean.add(fresh);
        report(gan, seen, mean.take());
      }
      return !InterruptGuard::requested();
    };
    if (next_ == 0) foretell(gan);
    const std::uint64_t done = gan.steps();
    if (request_.steps > done) gan.train(request_.steps - done, watch);
    result_.interrupted = InterruptGuard::requested();
    return !result_.interrupted;
  }

  /// Its first steps tell how long all take.
  void foretell(Gan& gan) const {
    constexpr std::uint64_t kWarm = 3;
    constexpr double kLongEnough = 0.5;  // seconds
    if (!request_.expects || request_.steps <= kWarm) return;
    gan.train(kWarm);
    const auto begin = ShadowClock::now();
    std::uint64_t steps = 0;
    for (std::uint64_t more = 1; seconds_since(begin) < kLongEnough && !InterruptGuard::requested();) {
      more = std::min(2 * more, request_.steps - kWarm - steps);
      if (more == 0 || gan.train(more) < more) break;
      steps += more;
    }
    const double of_step = seconds_since(begin) / static_cast<double>(std::max<std::uint64_t>(steps, 1));
    request_.expects(of_step * static_cast<double>(request_.steps) * groups());
  }

  double groups() const { return (request_.shadows + group_ - 1) / group_; }

  void report(const Gan& gan, std::uint64_t step, const StepStatistics& mean) {
    const int last = next_ + gan.replicas();
    ProgressState state;
    state.step = static_cast<std::uint64_t>(next_ / group_) * request_.steps + step;
    state.steps = static_cast<std::uint64_t>(groups()) * request_.steps;
    state.means = {mean};
    state.steps_per_second = rate_.steps_per_second();
    state.part = gan.replicas() == 1
                     ? fmt::format("shadow run {} of {}", last, request_.shadows)
                     : fmt::format("shadow runs {} to {} of {}", next_ + 1, last, request_.shadows);
    progress_.report(state);
  }

  void hand_over(const Gan& gan) {
    if (request_.progress == Progress::Style::live) progress_.clear();
    for (int r = 0; r < gan.replicas() && !InterruptGuard::requested(); ++r) {
      if (gan.diverged(r))
        result_.diverged.push_back(next_ + r);
      else
        request_.trained(gan, r, next_ + r);
    }
    result_.interrupted = InterruptGuard::requested();
  }

  const ShadowRequest& request_;
  const Device& device_;
  Progress progress_;
  StepRate rate_;
  int group_ = 1, next_ = 0;  // in a group; the first that has not been trained
  ShadowResult result_;
};

}  // namespace

ShadowResult train_shadows(const ShadowRequest& request, const Device& device) {
  return ShadowTrainer(request, device).run();
}

}  // namespace agon::host
