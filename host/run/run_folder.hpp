// A run on disk: config.toml, stats.jsonl, samples-*.csv, checkpoint-*.safetensors, losses.svg.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/training/checkpoint.hpp"

namespace agon::host {

/// "checkpoint-000001000.safetensors"
std::string checkpoint_name(std::uint64_t step);

struct FoundCheckpoint {
  std::filesystem::path path;
  Checkpoint checkpoint;
  std::vector<std::string>
      damaged;  ///< what was wrong with newer ones that had to be passed over, a line each
};

class RunFolder {
 public:
  /// Throws ConfigurationError, naming the ways out, where a new run at `path` would meet something that
  /// exists: a file, or a folder that is not empty. A run without a checkpoint (its disk was full, say) is
  /// nothing to lose; with `overwrite` no run is, but what is not a run still is.
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
  std::filesystem::path stats() const { return path_ / "stats.jsonl"; }
  std::filesystem::path losses() const { return path_ / "losses.svg"; }
  std::filesystem::path samples(std::uint64_t step) const;
  std::filesystem::path checkpoint(std::uint64_t step) const;

  /// Steps that have a checkpoint file, newest first.
  std::vector<std::uint64_t> checkpoint_steps() const;

  /// Writes the snapshot's checkpoint; when it is safely on disk, removes older ones beyond the `keep`
  /// newest.
  void save(const Checkpoint& checkpoint, std::int64_t keep) const;

  /// The newest checkpoint that can be read. Throws DataError, one line, where there is none.
  FoundCheckpoint newest() const;

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  int lock_ = -1;
};

/// The newest loadable checkpoint of a run folder, or a checkpoint file itself. Throws DataError.
FoundCheckpoint find_checkpoint(const std::filesystem::path& run_or_checkpoint);

}  // namespace agon::host
