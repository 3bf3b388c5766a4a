// Which files of a folder are images.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace agon::host {

struct FolderImages {
  std::vector<std::string> files;  ///< paths within the folder, '/' between names, ordered byte by byte
  std::int64_t others = 0;         ///< files that are neither PNG nor JPEG, by their bytes and by their names
  std::string first_other;         ///< of them, in order
};

/// Looks through a folder and its subfolders, each once, links followed. An image is a file that begins as
/// PNG or JPEG do, or that is named .png, .jpg or .jpeg (any case): whoever opens it then says what is wrong
/// with it. Names that begin with a dot, and what is no regular file, are passed over. Throws DataError where
/// a folder cannot be read.
FolderImages images_of_folder(const std::filesystem::path& folder);

/// Whether there is one; ends at the first.
bool holds_images(const std::filesystem::path& folder);

}  // namespace agon::host
