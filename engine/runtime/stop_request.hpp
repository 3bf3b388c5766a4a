// What the host does while steps run: it looks now and then, and sleeps in between.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

#include "engine/runtime/loop.hpp"

namespace agon {

/// Calls a run's watch when it is due.
class StopRequest {
 public:
  StopRequest(const Watch& watch, std::chrono::milliseconds every) : watch_(watch), every_(every) {}

  bool watched() const { return static_cast<bool>(watch_); }
  bool stopped() const { return stopped_; }
  /// Whether the run is to stop.
  bool asked() {
    if (!watch_ || stopped_) return stopped_;
    const std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();
    if (now < next_) return false;
    stopped_ = !watch_();
    next_ = now + every_;
    return stopped_;
  }

 private:
  const Watch& watch_;
  std::chrono::milliseconds every_;
  std::chrono::steady_clock::time_point next_{};
  bool stopped_ = false;
};

/// How fast the device goes, and how long to sleep before asking it again.
class Speed {
 public:
  double steps_in(double seconds, std::uint64_t done) const {
    return static_cast<double>(done) * seconds / std::max(elapsed(), 1e-6);
  }
  /// Half of the time that is left for `missing` steps, `done` having been done; from 20 us to 1 ms.
  void sleep(std::uint64_t done, std::uint64_t missing) const {
    constexpr double kShortest = 20e-6, kLongest = 1e-3;
    const double left = static_cast<double>(missing) / std::max(steps_in(1.0, done), 1.0);
    std::this_thread::sleep_for(std::chrono::duration<double>(std::clamp(left / 2, kShortest, kLongest)));
  }

 private:
  double elapsed() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace agon
