// How long a training step takes, whole and operation by operation.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/gan/gan.hpp"

namespace agon::host {

/// Of repeated measurements, in seconds.
struct Spread {
  double median = 0, p10 = 0, p90 = 0, mean = 0;
};
/// Linear interpolation between order statistics. `seconds` is not empty; it is sorted in place.
Spread spread(std::vector<double>& seconds);

struct Quartiles {
  double lower = 0, median = 0, upper = 0;
};
Quartiles quartiles(std::vector<double> values);

struct OperationTime {
  OperationSummary operation;
  double seconds = 0;
};

/// What is timed: `config` with its batch and micro-batch, repeated so.
struct StepCase {
  GanConfig config;
  std::int64_t steps_per_launch = 0;  ///< as in LoopOptions
  int replicas = 1;
};

struct StepTiming {
  std::int64_t batch = 0;
  std::int64_t micro_batch = 0;       ///< rows that went through the networks at a time
  std::int64_t steps_per_launch = 0;  ///< as in LoopOptions
  int replicas = 1;
  std::int64_t measurements = 0;
  Spread step;                              ///< of whole steps, each of all replicas, nothing observed
  std::vector<double> rounds{};             ///< medians of each turn's, in seconds
  double observed = 0;                      ///< seconds of the typical step that `operations` take apart
  std::vector<OperationTime> operations{};  ///< in the order of the step; empty on CUDA, where a graph runs
                                            ///< them unseen, and of replicas

  /// Steps in a second of all replicas together.
  double steps_per_second() const { return replicas / step.median; }
};

/// Trains on random rows for about `seconds` of each case for the whole step, and, of one replica on the
/// processor, about half as long again for the operations. The cases take turns, in one order and then in the
/// other, so that what a round's medians say of two of them was measured side by side. `plan`: as in
/// host/run/layer_plan.hpp.
std::vector<StepTiming> time_steps(std::span<const StepCase> cases, const Device& device, double seconds,
                                   const std::string& plan = "estimate");

/// Of the ratios of their times, round by round.
Quartiles times_as_long(const StepTiming& one, const StepTiming& other);

}  // namespace agon::host
