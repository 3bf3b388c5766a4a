#include "host/run/run_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <functional>
#include <optional>
#include <utility>

#include "engine/runtime/atomic_file.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kCheckpoint = "checkpoint-", kCheckpointEnd = ".safetensors";
constexpr std::string_view kSamples = "samples-", kSamplesEnd = ".csv", kGridEnd = ".png";
constexpr std::string_view kEvaluation = "evaluation-", kEvaluationEnd = ".json";

constexpr std::string_view kLogs[] = {"stats", "health", "scores"};
constexpr std::string_view kLogEnd = ".jsonl";
constexpr std::string_view kBest = "checkpoint-best.safetensors", kAttempt = "attempt-";

/// What stands between prefix and suffix; empty where the name is not of that form.
std::string_view between(std::string_view name, std::string_view prefix, std::string_view suffix) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix) || name.size() <= prefix.size() + suffix.size())
    return {};
  return name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

/// "12" or "12-7": a step, or a step and a replica's seed.
bool is_step(std::string_view text) {
  const std::size_t dash = text.find('-');
  return whole_number(text.substr(0, dash)) &&
         (dash == std::string_view::npos || whole_number(text.substr(dash + 1)));
}

bool is_log(std::string_view name) {
  return std::any_of(std::begin(kLogs), std::end(kLogs), [&](std::string_view log) {
    return name == fmt::format("{}{}", log, kLogEnd) ||
           whole_number(between(name, fmt::format("{}-", log), kLogEnd));
  });
}

bool is_attempt(std::string_view name) {
  return name.starts_with(kAttempt) && whole_number(name.substr(kAttempt.size()));
}

bool is_ours(const std::string& name) {
  return name == "config.toml" || name == "report.html" || name == "replicas.csv" || name == kBest ||
         is_log(name) || is_step(between(name, kCheckpoint, kCheckpointEnd)) ||
         is_step(between(name, kSamples, kSamplesEnd)) || is_step(between(name, kSamples, kGridEnd)) ||
         is_step(between(name, kEvaluation, kEvaluationEnd));
}

/// Nothing in it but what a writer left behind that was killed before its first file was whole.
bool holds_nothing(const fs::path& folder, std::error_code& error) {
  const auto left_behind = [](const fs::directory_entry& entry) {
    return entry.path().filename().string().ends_with(".agon-tmp");
  };
  return std::ranges::all_of(fs::directory_iterator(folder, error), left_behind);
}

bool is_run(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path / "config.toml", ignored);
}

}  // namespace

std::string checkpoint_name(std::uint64_t step) {
  return fmt::format("{}{:09}{}", kCheckpoint, step, kCheckpointEnd);
}

std::string replica_suffix(std::uint64_t seed) { return fmt::format("-{}", seed); }

fs::path RunFolder::stats(std::string_view suffix) const {
  return path_ / fmt::format("{}{}{}", kLogs[0], suffix, kLogEnd);
}

fs::path RunFolder::health(std::string_view suffix) const {
  return path_ / fmt::format("{}{}{}", kLogs[1], suffix, kLogEnd);
}

fs::path RunFolder::scores(std::string_view suffix) const {
  return path_ / fmt::format("{}{}{}", kLogs[2], suffix, kLogEnd);
}

fs::path RunFolder::best() const { return path_ / kBest; }

fs::path RunFolder::attempt(std::uint64_t seed) const { return path_ / fmt::format("{}{}", kAttempt, seed); }

std::vector<std::uint64_t> RunFolder::attempts() const {
  std::error_code ignored;
  std::vector<std::uint64_t> seeds;
  for (const auto& entry : fs::directory_iterator(path_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (is_attempt(name)) seeds.push_back(whole_number(name.substr(kAttempt.size())).value());
  }
  std::ranges::sort(seeds);
  return seeds;
}

std::vector<fs::path> RunFolder::files() const {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_, error))
    if (is_ours(entry.path().filename().string())) files.push_back(entry.path());
  if (error) throw Error(fmt::format("{}: cannot be read: {}", path_.string(), error.message()));
  return files;
}

std::vector<fs::path> RunFolder::logs(std::string_view suffix) const {
  std::vector<fs::path> all;
  for (const std::string_view log : kLogs) all.push_back(path_ / fmt::format("{}{}{}", log, suffix, kLogEnd));
  return all;
}

fs::path RunFolder::checkpoint(std::uint64_t step, std::string_view suffix) const {
  return path_ / fmt::format("{}{:09}{}{}", kCheckpoint, step, suffix, kCheckpointEnd);
}

fs::path RunFolder::samples(std::uint64_t step, std::string_view suffix) const {
  return path_ / fmt::format("{}{:09}{}{}", kSamples, step, suffix, kSamplesEnd);
}

fs::path RunFolder::sample_grid(std::uint64_t step, std::string_view suffix) const {
  return path_ / fmt::format("{}{:09}{}{}", kSamples, step, suffix, kGridEnd);
}

std::vector<RunFolder::StepFile> RunFolder::sample_grids(std::uint64_t step, std::string_view suffix) const {
  std::vector<StepFile> all;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_, ignored)) {
    const std::string name = entry.path().filename().string();
    const auto at = whole_number(between(name, kSamples, fmt::format("{}{}", suffix, kGridEnd)));
    if (at && *at <= step) all.push_back({*at, entry.path()});
  }
  std::ranges::sort(all, {}, &StepFile::step);
  return all;
}

fs::path RunFolder::evaluation(std::uint64_t step) const {
  return path_ / fmt::format("{}{:09}{}", kEvaluation, step, kEvaluationEnd);
}

void RunFolder::check_free(const fs::path& path, bool overwrite) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return;
  if (status.type() != fs::file_type::directory) {
    if (error) return;  // create() says why it cannot be reached
    throw ConfigurationError(
        fmt::format("{}: exists and is not a folder; choose another with --out", path.string()));
  }
  if (holds_nothing(path, error) || error) return;
  if (!is_run(path)) {
    throw ConfigurationError(
        fmt::format("{}: exists and is not a run; choose another folder with --out", path.string()));
  }
  const RunFolder run(path);
  if (overwrite || (run.checkpoint_steps().empty() && run.attempts().empty())) return;
  throw ConfigurationError(
      fmt::format("{0}: this run exists; go on with --resume {0}, choose another folder with "
                  "--out, or replace it with --overwrite",
                  path.string()));
}

RunFolder RunFolder::create(const fs::path& path, bool overwrite) {
  check_free(path, overwrite);
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw Error(fmt::format("{}: cannot make this folder: {}", path.string(), error.message()));
  RunFolder folder(path);
  folder.lock();
  for (const std::uint64_t seed : folder.attempts())
    if (!error) fs::remove_all(folder.attempt(seed), error);
  std::vector<fs::path> files = folder.files();
  std::ranges::partition(files, [&](const fs::path& file) { return file != folder.config(); });
  for (const fs::path& file : files)  // config.toml last: till then the folder is a run
    if (!error) fs::remove(file, error);
  if (error)
    throw Error(fmt::format("{}: cannot remove the earlier run: {}", path.string(), error.message()));
  return folder;
}

RunFolder RunFolder::open(const fs::path& path) {
  if (!is_run(path)) {
    throw ConfigurationError(fmt::format("{}: not a run: it holds no config.toml", path.string()));
  }
  return RunFolder(path);
}

void RunFolder::lock() {
  lock_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ >= 0 && flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    throw Error(fmt::format("{}: another agon is training in this folder", path_.string()));
  }
  remove_stale_temporaries(path_);
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

RunFolder::~RunFolder() {
  if (lock_ >= 0) close(lock_);
}

std::vector<std::uint64_t> RunFolder::checkpoint_steps(std::string_view suffix) const {
  const std::string end = fmt::format("{}{}", suffix, kCheckpointEnd);
  std::vector<std::uint64_t> steps;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_, error)) {
    if (const auto step = whole_number(between(entry.path().filename().string(), kCheckpoint, end))) {
      steps.push_back(*step);
    }
  }
  std::sort(steps.begin(), steps.end(), std::greater<>());
  return steps;
}

void RunFolder::save(const Checkpoint& checkpoint_to_write, std::int64_t keep) const {
  write(checkpoint_to_write);
  prune(checkpoint_to_write.snapshot.step, keep);
}

void RunFolder::write(const Checkpoint& checkpoint_to_write, std::string_view suffix) const {
  write_checkpoint(checkpoint(checkpoint_to_write.snapshot.step, suffix), checkpoint_to_write);
}

void RunFolder::prune(std::uint64_t step, std::int64_t keep, std::string_view suffix) const {
  std::int64_t kept = 0;
  for (const std::uint64_t other : checkpoint_steps(suffix)) {
    if (other > step) continue;  // left by a run that was further on and could not be read: not ours to judge
    std::error_code ignored;
    if (++kept > keep) fs::remove(checkpoint(other, suffix), ignored);
  }
}

FoundCheckpoint RunFolder::newest(const std::function<void(const Checkpoint&)>& complete) const {
  FoundCheckpoint found;
  for (const std::uint64_t step : checkpoint_steps()) {
    found.path = checkpoint(step);
    try {
      found.checkpoint = read_checkpoint(found.path);
      if (complete) complete(found.checkpoint);
      return found;
    } catch (const DataError& error) {
      found.damaged.push_back(error.what());
    }
  }
  if (found.damaged.empty()) throw DataError(fmt::format("{}: this run has no checkpoint", path_.string()));
  throw DataError(found.damaged.size() == 1
                      ? found.damaged.front()
                      : fmt::format("{} (and none of the {} older checkpoints can be read)",
                                    found.damaged.front(), found.damaged.size() - 1));
}

FoundCheckpoint find_checkpoint(const fs::path& run_or_checkpoint, Which which) {
  std::error_code error;
  const fs::file_status status = fs::status(run_or_checkpoint, error);
  if (status.type() == fs::file_type::not_found) {
    throw DataError(fmt::format("{}: no such run or checkpoint", run_or_checkpoint.string()));
  }
  if (status.type() != fs::file_type::directory) {
    if (which == Which::best) {
      throw ConfigurationError(fmt::format("{}: a checkpoint, not a run folder: there is no best one of it",
                                           run_or_checkpoint.string()));
    }
    return {run_or_checkpoint, read_checkpoint(run_or_checkpoint), {}};
  }
  const RunFolder folder = RunFolder::open(run_or_checkpoint);
  if (which == Which::last) return folder.newest();
  if (!fs::exists(folder.best(), error)) {
    throw DataError(fmt::format("{}: this run has no best checkpoint: train it with --held-out 0.1",
                                run_or_checkpoint.string()));
  }
  return {folder.best(), read_checkpoint(folder.best()), {}};
}

}  // namespace agon::host
