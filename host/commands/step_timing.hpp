// How long a training step takes, whole and operation by operation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/training/gan.hpp"

namespace agon::host {

/// Of repeated measurements, in seconds.
struct Spread {
  double median = 0, p10 = 0, p90 = 0;
};
/// Linear interpolation between order statistics. `seconds` is not empty; it is sorted in place.
Spread spread(std::vector<double>& seconds);

struct OperationTime {
  std::string name;            ///< "linear_forward"
  std::int64_t rows, in, out;  ///< as kernels/observer.hpp has them
  std::int64_t multiply_adds;
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
  double observed = 0;                      ///< seconds of the typical step that `operations` take apart
  std::vector<OperationTime> operations{};  ///< in the order of the step; empty on CUDA, where a graph runs
                                            ///< them unseen, and of replicas

  /// Steps in a second of all replicas together.
  double steps_per_second() const { return replicas / step.median; }
};

/// Trains on random rows for about `seconds` for the whole step, and, of one replica on the processor, about
/// half as long again for the operations. `plan`: as in host/run/layer_plan.hpp.
StepTiming time_step(const StepCase& one, const Device& device, double seconds,
                     const std::string& plan = "estimate");

}  // namespace agon::host
