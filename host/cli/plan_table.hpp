// `agon devices --plan`: the algorithms of each layer of a training step, what they take, and which is
// chosen.
#pragma once

#include <string>
#include <vector>

#include "engine/tuning/tuner.hpp"

namespace agon::host {

struct PlanTable {
  std::string identity;  ///< of the device, tuning_identity(), or what stands for one
  std::string note;      ///< what the times are, or why there are none
  bool timed = false;
  struct Row {
    TimedLaunch launch;  ///< without times: the chosen algorithm alone
    std::string chosen;  ///< to_string of what runs take
  };
  std::vector<Row> rows;
};

/// A line for each launch, and below it one for each of its algorithms, the chosen one marked.
std::string as_text(const PlanTable& table);
/// A TuningCache's JSON with "timed" and "launches" besides: fit for --plan.
std::string as_json(const PlanTable& table);

}  // namespace agon::host
