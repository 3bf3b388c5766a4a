// stats.jsonl: the progress of a run, one JSON object a line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/gan/step_statistics.hpp"
#include "kernels/objective.hpp"
#include "kernels/statistics.hpp"

namespace agon::host {

/// What D's mean output on real rows and on fakes is called in files: "probability_real" and
/// "probability_fake", or "logit_real" and "logit_fake" where the objective reads it as it is.
struct OutputNames {
  const char* real;
  const char* fake;
};
OutputNames output_names(kernels::Objective objective);

/// A step's statistics and, at some steps, its health sample.
struct StatsRow {
  StepStatistics statistics;
  std::optional<kernels::HealthSample> health{};
};

/// One line without its end: {"step": 10, "epoch": 1.448, "discriminator_loss": ..., "generator_loss": ...,
/// "probability_real": ..., "probability_fake": ...}, the last two by output_names(). With a health sample (
/// health_probe.hpp) further "gradient_norm_generator", "gradient_norm_discriminator", "saturated_real",
/// "saturated_fake", "spread_least", "spread_mean", "shift_most" and "distance". Where D's
/// penalty is not 0 it is "penalty", and an augmentation's probability "augmentation". epoch = step * batch /
/// rows. Floats in their shortest exact form; what is not finite is null. Nothing depends on the clock: equal
/// runs give equal lines.
std::string stats_line(const StatsRow& row, double rows_per_epoch, double batch,
                       kernels::Objective objective);

/// The lines that can be read, up to the first that cannot.
std::vector<StepStatistics> read_stats(const std::filesystem::path& path);
std::vector<StatsRow> read_stats_and_health(const std::filesystem::path& path);

/// Appends to stats.jsonl. Lines are steps 1, the multiples of `every` and those with a health sample,
/// whatever pieces a run comes in.
class StatsLog {
 public:
  /// Keeps an earlier file's whole lines up to step `until` and cuts the rest off: what a killed run logged
  /// after its last checkpoint is logged again. Throws Error.
  StatsLog(std::filesystem::path path, std::uint64_t until, std::int64_t every, double rows, double batch,
           kernels::Objective objective);
  StatsLog(const StatsLog&) = delete;
  StatsLog& operator=(const StatsLog&) = delete;
  ~StatsLog();

  /// Appends those of the `statistics`, ascending and not yet seen, that are due; `all` appends every one.
  /// `samples`, ascending, are those of their steps. Throws Error.
  void append(std::span<const StepStatistics> statistics, std::span<const kernels::HealthSample> samples = {},
              bool all = false);
  /// Waits until everything is on the disk. Throws Error.
  void sync();

  /// What the file holds.
  const std::vector<StepStatistics>& logged() const { return logged_; }
  /// Rows of it that have a health sample, of before this object.
  const std::vector<StatsRow>& with_health() const { return with_health_; }

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  std::int64_t every_;
  double rows_, batch_;
  kernels::Objective objective_;
  int descriptor_ = -1;
  std::vector<StepStatistics> logged_;
  std::vector<StatsRow> with_health_;
};

}  // namespace agon::host
