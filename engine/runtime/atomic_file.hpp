// Files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string_view>

namespace agon {

/// Writes `content` to a temporary file in the same folder, fsyncs it, renames it to `path`, fsyncs the folder.
/// Whatever goes wrong (full disk, no permission, a crash at any moment), an earlier file at `path` stays as it
/// was and no temporary file of a finished call is left. Throws Error: "<path>: cannot write: <reason>".
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace agon
