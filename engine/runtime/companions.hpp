// Whether a training step's parts are done by all threads or by the caller alone.
#pragma once

#include <cstdint>

namespace agon {

/// On a busy machine a thread loses its core in the middle of a part, and the others wait for it. Where they
/// wait long, both ways are tried in turns and the faster one is kept for a while. How work is divided into
/// parts stays as it is, so results do not depend on it.
class Companions {
 public:
  /// In seconds: `now` of any clock, `waited` that the caller has slept for others' parts so far.
  struct Clock {
    double now = 0, waited = 0;
  };

  /// Whether the other threads take part in the next step.
  bool welcome() const { return welcome_; }
  /// Steps follow; the time since the last one is no step's.
  void begin(Clock clock);
  /// A step has ended.
  void step_done(Clock clock);

 private:
  void turn();
  void judge(double step, double late);

  bool welcome_ = true;
  bool trying_ = false;       ///< this way is tried, the other one was in use
  double other_seconds_ = 0;  ///< of a step, the other way
  std::int64_t stays_ = 0;    ///< windows before the other way may be tried
  std::int64_t stay_ = 8;     ///< the same, after the next try that fails
  Clock last_;                ///< the end of the last step
  Clock spent_;               ///< in the steps of this window
  std::int64_t steps_ = 0;    ///< of this window
};

}  // namespace agon
