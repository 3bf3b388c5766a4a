// One replica of a run, and what is kept of its training.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/checkpoint/checkpoint.hpp"
#include "engine/gan/gan.hpp"
#include "host/config/settings.hpp"
#include "host/report/about.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/health.hpp"
#include "host/run/held_out.hpp"
#include "host/run/progress.hpp"
#include "host/run/run_folder.hpp"
#include "host/run/stats_log.hpp"

namespace agon::host {

/// How to tell which of several replicas, or which of a run's steps, is the best.
struct HeldOut {
  TableRows rows;          ///< that nothing learns from
  DataIdentity whole;      ///< the table before they were held out
  std::uint64_t seed = 0;  ///< that they were drawn by: of the run's first attempt, so that all have the same
};

struct TrainingRun {
  Gan* gan = nullptr;  ///< with its data, and restored where the run goes on
  const RunFolder* folder = nullptr;
  Settings settings;
  DataIdentity data;  ///< of the rows it learns from
  std::uint64_t steps = 0;
  std::string title;  ///< of the report
  Progress::Style progress = Progress::Style::silent;
  std::optional<HeldOut> held_out;      ///< always where the Gan has several replicas
  std::span<const float> learnt{};      ///< the rows it learns from, as D sees them
  bool ends_on_failure = false;         ///< such as a lasting collapse: it can be begun again
  AboutRows about{};                    ///< what the report says of the run
  const RealRecords* people = nullptr;  ///< no sample is one of them
};

/// Mean of statistics between two reports.
class MeanStatistics {
 public:
  void add(std::span<const StepStatistics> statistics);
  StepStatistics take();

 private:
  double sum_[5] = {};
  double count_ = 0;
};

class ReplicaRun {
 public:
  /// `step` is where the run is; the log's lines beyond it are cut off. The run must outlive the replica.
  ReplicaRun(const TrainingRun& run, int replica, std::uint64_t step);

  int replica() const { return replica_; }
  std::uint64_t seed() const { return run_.gan->config().seed + static_cast<std::uint64_t>(replica_); }
  std::uint64_t step() const { return step_; }
  /// Still training: not diverged, nor ended.
  bool going() const { return going_; }
  const StepStatistics& last() const { return last_; }
  const StatsLog& log() const { return log_; }
  /// Of the steps since the last call.
  StepStatistics take_mean() { return mean_.take(); }

  /// Takes in what has been done since the last call, be the device at work or not; returns how many steps.
  std::uint64_t take_in();
  /// What was found wrong since the last call, for the first time.
  std::vector<HealthWarning> take_warnings() { return std::exchange(fresh_, {}); }
  /// Collapsed at so many health samples in a row, up to the last one.
  bool collapsed_for(int samples) const { return going_ && watch_.collapsed_for() >= samples; }
  /// Logs how the state it is in does by the held-out rows.
  void note(const HeldOutScore& score);
  /// One for each checkpoint.
  const std::vector<ScoredStep>& scores() const { return scores_; }
  /// Logs the step at which it went wrong; the replica trains no further.
  void end();
  /// The state it is in, statistics and log on the disk; nothing where a value in it is not finite.
  std::optional<Checkpoint> checkpoint() { return checkpoint(last_); }
  /// The same where the Gan has gone back to the step of these statistics.
  std::optional<Checkpoint> checkpoint(const StepStatistics& at);
  /// False where a value is not finite: nothing is written then.
  bool write_samples() const;
  /// What its files' names end with, replica_suffix(); empty where there is one replica only.
  const std::string& suffix() const { return suffix_; }

 private:
  const TrainingRun& run_;
  int replica_;
  std::string suffix_;
  std::uint64_t step_;
  StatsLog log_;
  bool going_;
  void watch(std::span<const StepStatistics> statistics, std::span<const HealthSample> samples);
  void write_health() const;
  bool write_sample_grid() const;

  MeanStatistics mean_;
  StepStatistics last_;
  HealthWatch watch_;
  std::vector<HealthWarning> fresh_;
  std::vector<ScoredStep> scores_;
};

}  // namespace agon::host
