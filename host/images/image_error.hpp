// How errors about images begin.
#pragma once

#include <filesystem>
#include <string>

#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {

/// A path for one line of a message.
inline std::string shown(const std::filesystem::path& path) { return printable(path.string(), 400); }

/// Throws DataError "<path>: <what>".
[[noreturn]] inline void refuse_images(const std::filesystem::path& path, const std::string& what) {
  throw DataError(shown(path) + ": " + what);
}

}  // namespace agon::host
