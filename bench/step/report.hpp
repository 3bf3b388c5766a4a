// What `agon bench` prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/step/timing.hpp"

namespace agon::host {

struct TimedStep {
  std::string name;  ///< of its settings; "plain", or with several of these "plain of" and theirs
  GanConfig config;
  StepTiming timing;
  std::optional<Quartiles> times_plain;  ///< how often the plain step's time; none of the plain step itself
};

struct StepReport {
  Device device = Device::cpu(1);
  double peak = 0;                 ///< FLOP/s
  bool compared = false;           ///< whether there are steps beside plain ones
  std::vector<TimedStep> steps{};  ///< not empty
};

std::string steps_json(const StepReport& report);
std::string steps_text(const StepReport& report);

/// "batch 64, a launch for all steps, 2 replicas: 1.4 ms a step"
std::string timed_text(const StepReport& report, const TimedStep& step);

}  // namespace agon::host
