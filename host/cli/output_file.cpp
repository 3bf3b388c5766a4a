#include "host/cli/output_file.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>

#include "engine/runtime/atomic_file.hpp"
#include "host/run/console.hpp"
#include "kernels/error.hpp"

namespace agon::host {

bool is_standard_output(const std::string& path) { return path.empty() || path == "-"; }

void require_folder(const char* flag, const std::string& path) {
  if (path == "-")
    throw ConfigurationError(
        fmt::format("{} -: this is a folder of several files, which standard output cannot hold", flag));
}

void check_output(const std::string& path, bool overwrite) {
  if (is_standard_output(path)) return;
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return;
  if (std::filesystem::is_directory(status)) {
    throw ConfigurationError(fmt::format("--out {}: is a folder, not a file", path));
  }
  if (std::filesystem::is_regular_file(status) && !overwrite) {
    throw ConfigurationError(fmt::format("--out {}: exists; replace it with --overwrite", path));
  }
}

void check_reports(const std::vector<std::string>& paths, bool overwrite) {
  for (const std::string& path : paths) {
    if (path == "-")
      throw ConfigurationError(
          "--out -: the end of a report's name, .html or .json, says what it is; --json prints all "
          "figures on standard output");
    if (!path.ends_with(".html") && !path.ends_with(".json"))
      throw ConfigurationError(fmt::format("--out {}: a report ends in .html, its figures in .json", path));
    check_output(path, overwrite);
  }
}

void write_reports(const std::vector<std::string>& paths, const std::string& json, const std::string& page) {
  for (const std::string& path : paths) write_file_atomically(path, path.ends_with(".json") ? json : page);
}

std::string date_text(double seconds) {
  return fmt::format("{:%Y-%m-%d %H:%M} UTC, after {}", fmt::gmtime(std::time(nullptr)), duration(seconds));
}

}  // namespace agon::host
