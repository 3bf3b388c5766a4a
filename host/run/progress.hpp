// How far a run is: one line that rewrites itself on a terminal, a line now and then elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/gan/step_statistics.hpp"

namespace agon::host {

struct ProgressState {
  std::uint64_t step = 0, steps = 0;
  double epoch = 0;
  std::int64_t epochs = 0;
  std::vector<StepStatistics> means;  ///< over the steps since the last report, of each replica not diverged
  double steps_per_second = 0;        ///< of each
  std::size_t replicas = 1;
  std::string part{};  ///< of a longer work, in the place of the epoch: "shadow run 3 of 16"
};

/// "step 3,400/6,907  epoch 492/1000  loss D 1.305 G 0.835  D(real) 0.56 D(fake) 0.44  702 steps/s  5.0 s
/// left", or as many of these pieces as `columns` has room for. Of several replicas: how many, and the least
/// and the largest of their losses, "8 replicas, 1 diverged  loss D 1.204..1.318 G 0.791..0.902". D(real) and
/// D(fake) are probabilities or logits, as the objective reads them (engine/gan/step_statistics.hpp). Behind
/// them, where images are augmented, "augment 0.12".
std::string progress_line(const ProgressState& state, std::size_t columns = std::string::npos);

class Progress {
 public:
  enum class Style { silent, plain, live };
  /// live on a terminal that can move its cursor, else plain.
  static Style detect();

  explicit Progress(Style style) : style_(style) {}
  /// Takes the live line away.
  ~Progress() { clear(); }

  /// Whether it is time to report: ten times a second where live, every ten seconds where plain.
  bool due() const { return style_ != Style::silent && Clock::now() >= next_; }
  void report(const ProgressState& state);
  /// Removes the live line, so that something else can be printed; the next report brings it back.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  Style style_;
  bool shown_ = false;
  Clock::time_point next_ = Clock::now();
};

}  // namespace agon::host
