// What can go wrong with a training, in plain words: told from its health samples (kernels/health_probe.hpp)
// and losses.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/gan/config.hpp"
#include "engine/metrics/held_out_score.hpp"
#include "host/run/stats_log.hpp"

namespace agon::host {

enum class Ailment : std::uint8_t { certain, collapse, exploding, vanishing, runaway, memorising };
inline constexpr std::size_t kAilments = 6;

/// When one of them is said to be there. A state that passes by is no ailment: it must be seen at
/// kSamplesInARow samples one after the other, 512 steps.
struct HealthLimits {
  static constexpr int kSamplesInARow = 8;
  /// Samples after which a collapse is lasting, 2048 steps: reason enough to begin again (--restarts); at
  /// a run's end kSamplesInARow of them are.
  static constexpr int kLastingSamples = 32;

  /// D is certain: of the real rows and of the fakes alike so many have a loss without slope.
  static constexpr float kSaturated = 0.95f;
  /// Of the Wasserstein distance and its like no logit is ever flat: there runaway and exploding speak.

  /// Collapse: G's columns vary, on average, less than this share of the table's. On the bundled table a
  /// sound run is above 0.6 from step 2000 on and ends at 0.95, Wasserstein without a penalty stays at 0.08
  /// to 0.2.
  static constexpr float kSpread = HeldOutScore::kCollapsed;
  /// Or its rows lie that much closer together than real ones, though their columns may vary: a few points.
  /// The same two: above 0.2 and at 0.5, and 0.05 to 0.08.
  static constexpr float kDistance = 0.1f;
  /// An untrained G's rows are all much alike: no collapse is told before this step.
  static constexpr std::uint64_t kCollapseFrom = 2048;

  /// Exploding: a gradient's norm is so many times the largest of the run's first kFirstSamples samples, or
  /// larger than kHuge at any time. Of the sound run on the bundled table they are between 1 and 10
  /// throughout.
  static constexpr float kExploded = 100;
  static constexpr int kFirstSamples = 32;
  static constexpr float kHuge = 1e5f;
  /// Vanishing: G's is so small that Adam's epsilon (1e-8) begins to swallow it.
  static constexpr float kVanished = 1e-6f;

  /// A loss runs away: that sound run's are below 2, Wasserstein's without a penalty below 10 even where it
  /// has collapsed.
  static constexpr float kLoss = 1000;
};

struct HealthWarning {
  std::uint64_t step = 0;
  Ailment ailment{};
  std::string text;  ///< what is seen: "D is certain of nearly every row (...)"
  std::string advice;
};

/// "certain", ...
std::string_view name_of(Ailment ailment);

/// "try a lower --generator-rate, ...": what such a training does not do yet and validate() takes.
std::string advice_for(Ailment ailment, const GanConfig& config);

/// {"step": 4096, "warning": "collapse", "text": "...", "try": "..."}, without its end.
std::string health_line(const HealthWarning& warning);

/// One training's. What it says depends on the rows it saw alone, so a run that goes on, and shows it again
/// what was logged, is told nothing twice.
class HealthWatch {
 public:
  explicit HealthWatch(GanConfig config) : config_(std::move(config)) {}

  /// Rows with a health sample, ascending; others say nothing. Returns what is said for the first time.
  std::vector<HealthWarning> see(const StatsRow& row);
  /// All that was said.
  const std::vector<HealthWarning>& said() const { return said_; }
  /// Samples in a row, up to the last one, that saw a collapse.
  int collapsed_for() const { return in_a_row_[static_cast<std::size_t>(Ailment::collapse)]; }

 private:
  std::array<bool, kAilments> signs(const StatsRow& row);

  GanConfig config_;
  std::array<int, kAilments> in_a_row_{};
  std::vector<HealthWarning> said_;
  int samples_ = 0;
  float largest_ = 0;  // norm of the first samples
};

}  // namespace agon::host
