// A run on disk: config.toml, stats.jsonl, health.jsonl and scores.jsonl where there is something to say,
// samples-*.csv or .png, checkpoint-*.safetensors, checkpoint-best.safetensors, report.html,
// evaluation-*.json; attempt-SEED, the same of attempts that were given up. One of several replicas also has
// replicas.csv, and statistics, samples and checkpoints of each: stats-SEED.jsonl, samples-*-SEED.csv,
// checkpoint-*-SEED.safetensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/checkpoint/checkpoint.hpp"

namespace agon::host {

/// "checkpoint-000001000.safetensors"
std::string checkpoint_name(std::uint64_t step);

/// "-7": what tells the files of the replica with that seed from the run's own.
std::string replica_suffix(std::uint64_t seed);

struct FoundCheckpoint {
  std::filesystem::path path;
  Checkpoint checkpoint;
  std::vector<std::string>
      damaged;  ///< what was wrong with newer ones that had to be passed over, a line each
};

class RunFolder {
 public:
  /// Throws ConfigurationError, naming the ways out, where a new run at `path` would meet something that
  /// exists: a file, or a folder that is not empty. A run without a checkpoint and without attempts (its disk
  /// was full, say) is nothing to lose; with `overwrite` no run is, but what is not a run still is.
  static void check_free(const std::filesystem::path& path, bool overwrite);

  /// check_free(), then makes the folder; with `overwrite` removes the earlier run's files, and no others.
  /// Throws Error where it cannot be made.
  static RunFolder create(const std::filesystem::path& path, bool overwrite);

  /// A run that exists. Throws ConfigurationError where there is none.
  static RunFolder open(const std::filesystem::path& path);

  /// Until the object's end no other process can lock the same run. Throws Error where one has. Clears what
  /// killed writers left behind.
  void lock();

  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;
  ~RunFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.toml"; }
  std::filesystem::path page() const { return path_ / "report.html"; }
  std::filesystem::path replicas() const { return path_ / "replicas.csv"; }
  /// All figures of how far to trust what the checkpoint of that step draws.
  std::filesystem::path evaluation(std::uint64_t step) const;
  /// `suffix` is a replica_suffix(), or empty.
  std::filesystem::path stats(std::string_view suffix = {}) const;
  std::filesystem::path health(std::string_view suffix = {}) const;
  std::filesystem::path scores(std::string_view suffix = {}) const;
  /// All logs of lines with a step, be they there or not.
  std::vector<std::filesystem::path> logs(std::string_view suffix = {}) const;
  std::filesystem::path samples(std::uint64_t step, std::string_view suffix = {}) const;
  /// Of images: one PNG file.
  std::filesystem::path sample_grid(std::uint64_t step, std::string_view suffix = {}) const;
  /// Those that are there, up to that step, in the order of their steps.
  struct StepFile {
    std::uint64_t step;
    std::filesystem::path path;
  };
  std::vector<StepFile> sample_grids(std::uint64_t step, std::string_view suffix = {}) const;
  std::filesystem::path checkpoint(std::uint64_t step, std::string_view suffix = {}) const;

  /// Of the step with the best held-out score so far.
  std::filesystem::path best() const;

  /// Seeds of attempts that were given up, ascending, and an attempt's folder.
  std::vector<std::uint64_t> attempts() const;
  std::filesystem::path attempt(std::uint64_t seed) const;
  /// Moves what the run with that seed has written, with a copy of its config.toml, to attempt(seed). Throws
  /// Error.
  void set_aside(std::uint64_t seed) const;
  /// The other way, config.toml first; the run has been set aside before. Throws Error.
  void bring_back(std::uint64_t seed) const;
  /// Where either was cut off, its files lie in two folders. Those of the seed in config.toml belong
  /// together: what an attempt of that seed has comes back, which undoes a set_aside() and completes a
  /// bring_back(). Throws Error, ConfigurationError.
  void finish_move() const;

  /// Steps that have a checkpoint file, newest first.
  std::vector<std::uint64_t> checkpoint_steps(std::string_view suffix = {}) const;

  /// Writes the snapshot's checkpoint; when it is safely on disk, removes older ones beyond the `keep`
  /// newest.
  void save(const Checkpoint& checkpoint, std::int64_t keep) const;
  /// The two parts of it.
  void write(const Checkpoint& checkpoint, std::string_view suffix = {}) const;
  void prune(std::uint64_t step, std::int64_t keep, std::string_view suffix = {}) const;

  /// The newest checkpoint that can be read, and that `complete` does not throw a DataError at: one that
  /// reads what else the caller needs. Throws DataError, one line, where there is none.
  FoundCheckpoint newest(const std::function<void(const Checkpoint&)>& complete = {}) const;

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::vector<std::filesystem::path> files() const;  ///< that a run writes; attempts are none
  void take_back(std::uint64_t seed) const;

  std::filesystem::path path_;
  int lock_ = -1;
};

/// Which checkpoint of a run is meant.
enum class Which : std::uint8_t { last, best };

/// The newest loadable checkpoint of a run folder or the one with the best score, or a checkpoint file
/// itself. Throws DataError, also where a run has no best one, and ConfigurationError, also where the best of
/// a file is asked for.
FoundCheckpoint find_checkpoint(const std::filesystem::path& run_or_checkpoint, Which which = Which::last);

}  // namespace agon::host
