#include "engine/runtime/companions.hpp"

#include <algorithm>

namespace agon {
namespace {

// A window holds several time slices of the system's scheduler, and several steps.
constexpr double kSeconds = 0.04;
constexpr std::int64_t kSteps = 6;
constexpr double kLate = 0.2;     // of a window's time: from here on it is worth trying alone
constexpr double kFaster = 0.95;  // of the other way's time: less than this, and a way is better
constexpr std::int64_t kShortest = 8, kLongest = 64;  // windows between tries

}  // namespace

void Companions::turn() {
  welcome_ = !welcome_;
  trying_ = !trying_;
}

void Companions::begin(Clock clock) { last_ = clock; }

void Companions::step_done(Clock clock) {
  ++steps_;
  spent_.now += clock.now - last_.now;
  spent_.waited += clock.waited - last_.waited;
  last_ = clock;
  if (spent_.now < kSeconds || steps_ < kSteps) return;
  judge(spent_.now / static_cast<double>(steps_), spent_.waited / spent_.now);
  spent_ = {};
  steps_ = 0;
}

/// A window has ended: the seconds of a step in it, and the share of its time that was spent waiting.
void Companions::judge(double step, double late) {
  if (trying_ && step < kFaster * other_seconds_) {
    trying_ = false;
    stays_ = stay_ = kShortest;
  } else if (trying_) {
    turn();
    stays_ = stay_;
    stay_ = std::min(2 * stay_, kLongest);
  } else if (stays_ > 0) {
    --stays_;
  } else if (!welcome_ || late > kLate) {
    other_seconds_ = step;
    turn();
  }
}

}  // namespace agon
