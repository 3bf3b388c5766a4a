#include "host/cli/trial.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

namespace agon::host {

Trial try_steps(const TrainSetup& plan) {
  constexpr std::uint64_t kFirst = 3;  // memory is touched, threads are there
  constexpr double kLongEnough = 0.5;  // seconds
  constexpr double kSlow = 2;          // seconds, beside which what comes first does not count
  Gan gan(plan.config, plan.device,
          {.steps_per_launch = plan.settings.device.steps_per_launch, .fuse = plan.settings.device.fuse},
          plan.replicas());
  set_data(gan, plan.rows);
  const auto seconds_of = [&](std::uint64_t steps) {
    const auto start = std::chrono::steady_clock::now();
    gan.train(steps);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  std::uint64_t steps = 1;
  double seconds = seconds_of(steps);
  if (seconds < kSlow) {
    gan.train(kFirst - 1);
    steps = 0, seconds = 0;
    for (std::uint64_t next = 1; seconds < kLongEnough; next *= 2) {
      seconds += seconds_of(next);
      steps += next;
    }
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {seconds / static_cast<double>(steps), static_cast<double>(usage.ru_maxrss) / 1024};
}

void fit_to_minutes(TrainSetup& plan) {
  constexpr double kShareOfSteps = 0.97;  // the rest goes into checkpoints and samples
  auto& training = plan.settings.training;
  if (training.minutes == 0) return;
  const auto first = static_cast<double>(plan.settings.gan.rate_schedule.warmup_steps + 1);
  const double steps = training.minutes * 60 * kShareOfSteps / try_steps(plan).seconds;
  training.steps = static_cast<std::int64_t>(std::max(steps, first));
  training.minutes = 0;
  plan.steps = static_cast<std::uint64_t>(training.steps);
  plan.config = gan_config(plan.settings, plan.data.representation, plan.steps);
}

}  // namespace agon::host
