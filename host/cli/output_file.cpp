#include "host/cli/output_file.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "kernels/error.hpp"

namespace agon::host {

void check_output(const std::string& path, bool overwrite) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (path.empty() || !std::filesystem::exists(status)) return;
  if (std::filesystem::is_directory(status)) {
    throw ConfigurationError(fmt::format("--out {}: is a folder, not a file", path));
  }
  if (std::filesystem::is_regular_file(status) && !overwrite) {
    throw ConfigurationError(fmt::format("--out {}: exists; replace it with --overwrite", path));
  }
}

}  // namespace agon::host
