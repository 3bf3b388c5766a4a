// How a run and its attempts change places, so that being killed at any moment loses nothing.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

#include "engine/runtime/atomic_file.hpp"
#include "host/config/toml.hpp"
#include "host/run/run_folder.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

bool is_checkpoint(const fs::path& file) { return file.extension() == ".safetensors"; }

/// Checkpoints last: whoever reads the folder meanwhile finds what belongs to them.
std::error_code move_files(std::vector<fs::path> files, const fs::path& to) {
  std::ranges::stable_partition(files, [](const fs::path& file) { return !is_checkpoint(file); });
  std::error_code error;
  for (const fs::path& file : files) {
    fs::rename(file, to / file.filename(), error);
    if (error) return error;
  }
  return error;
}

std::error_code sync(const fs::path& one, const fs::path& other) {
  const int error = sync_folder(one);
  return {error != 0 ? error : sync_folder(other), std::generic_category()};
}

void check(const std::error_code& error, const fs::path& attempt, std::string_view what) {
  if (error)
    throw Error(fmt::format("{}: cannot {} this attempt: {}", attempt.string(), what, error.message()));
}

std::string content_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

void RunFolder::set_aside(std::uint64_t seed) const {
  const fs::path to = attempt(seed);
  std::error_code error;
  fs::create_directory(to, error);
  check(error, to, "set aside");
  write_file_atomically(to / config().filename(), content_of(config()));
  std::vector<fs::path> moved = files();
  std::erase(moved, config());
  check(move_files(std::move(moved), to), to, "set aside");
  check(sync(to, path_), to, "set aside");
}

void RunFolder::bring_back(std::uint64_t seed) const {
  const fs::path from = attempt(seed);
  std::error_code error;
  fs::rename(from / config().filename(), config(), error);
  check(error, from, "bring back");
  check(sync(path_, from), from, "bring back");
  take_back(seed);
}

void RunFolder::take_back(std::uint64_t seed) const {
  const fs::path from = attempt(seed);
  std::vector<fs::path> moved = RunFolder(from).files();
  std::erase_if(moved, [&](const fs::path& file) { return fs::exists(path_ / file.filename()); });
  check(move_files(std::move(moved), path_), from, "bring back");
  std::error_code ignored;
  fs::remove(from / config().filename(), ignored);
  check(sync(path_, from), from, "bring back");
  remove_stale_temporaries(from);  // of a set_aside() that was killed at its first file
  fs::remove(from, ignored);       // stays where something that is not the run's lies in it
}

void RunFolder::finish_move() const {
  Settings settings;
  read_toml(config(), settings);
  if (std::ranges::binary_search(attempts(), settings.gan.seed)) take_back(settings.gan.seed);
}

}  // namespace agon::host
