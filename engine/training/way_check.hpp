// Whether a way of computing a launch gives what our kernels give: a library that is wrong on some device
// must not win there by being fast.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/training/launch_operands.hpp"

namespace agon {

/// Enqueues a launch, computed so. A parameter of what follows, so that tests can bring a way that errs.
using LinearRun = std::function<void(const LaunchOperands& operands, QueueView queue,
                                     const kernels::LinearChoices& choices)>;

/// LaunchOperands::enqueue().
LinearRun plain_run();

/// Where the two differ by more than their roundings, in words; else empty. Of n terms of the mean size 1/4
/// (products of numbers of [-1, 1)), with e the error that the precision's rounding of both factors makes of
/// a term (bench/README.md; twice it where low bits are cut off), each within 2 (2 e + 2e-6) (n / 4 + 1), and
/// the root of their mean square within 4 e of that of `ours` and fp32's sums as before. NaN differs from
/// everything.
std::string difference(const LinearOutcome& ours, const LinearOutcome& other);

class WayCheck {
 public:
  /// Computes the launch by `ours`. Throws DeviceError.
  WayCheck(const LaunchOperands& operands, const kernels::LinearChoices& ours, LinearRun run);

  /// Computes it so: why its results are not ours, or empty. Throws DeviceError.
  std::string operator()(const kernels::LinearChoices& way) const;

 private:
  std::vector<LinearOutcome> outcomes_of(const kernels::LinearChoices& way) const;

  const LaunchOperands& operands_;
  LinearRun run_;
  std::vector<LinearOutcome> ours_;
};

}  // namespace agon
