// Whether an algorithm of computing a launch gives what our kernels give: a library that is wrong on some
// device must not win there by being fast.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/tuning/launch_operands.hpp"

namespace agon {

/// Enqueues a launch, computed so. A parameter of what follows, so that tests can bring an algorithm that
/// errs.
using LayerRun = std::function<void(const LaunchOperands& operands, QueueView queue,
                                    const kernels::LayerChoices& choices)>;

/// LaunchOperands::enqueue().
LayerRun plain_run();

/// Where `other` differs from our kernels' outcome by more than roundings, in words; else empty.
///
/// Let e be the largest error that rounding both factors to nearest makes of a term
/// (bench/results/2026-11-23-precision.md); our kernels have that one. Low bits that are cut off make twice
/// as much, and three quarters of e of all terms together. Of n terms of mean size 1/4 (products of numbers
/// of
/// [-1, 1)) each result may be 3.1 e (n / 4 + 1) off, with fp32's sums, and all together 1.5 e of their norm:
/// in tf32 bf16's factors are too many off, and in fp32 tf32's. NaN differs from everything.
std::string difference(const LayerOutcome& ours, const LayerOutcome& other);

class AlgorithmCheck {
 public:
  /// Computes the launch by `ours`. Throws DeviceError.
  AlgorithmCheck(const LaunchOperands& operands, const kernels::LayerChoices& ours, LayerRun run);

  /// Computes it so: why its results are not ours, or empty. Throws DeviceError.
  std::string operator()(const kernels::LayerChoices& algorithm) const;

 private:
  std::vector<LayerOutcome> outcomes_of(const kernels::LayerChoices& algorithm) const;

  const LaunchOperands& operands_;
  LayerRun run_;
  std::vector<LayerOutcome> ours_;
};

}  // namespace agon
