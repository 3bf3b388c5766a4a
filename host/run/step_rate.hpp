// How fast a run is.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace agon::host {

/// Of the last ten seconds or so.
class StepRate {
 public:
  double steps_per_second() const { return steps_ / std::max(seconds_, 1e-9); }

  void took(std::uint64_t steps, double seconds) {
    constexpr double kMemorySeconds = 10;
    const double forget = std::exp(-seconds / kMemorySeconds);
    steps_ = forget * steps_ + static_cast<double>(steps);
    seconds_ = forget * seconds_ + seconds;
  }

 private:
  double steps_ = 0, seconds_ = 0;
};

}  // namespace agon::host
