// A set of images from a folder of files.
#pragma once

#include <filesystem>

#include "host/images/read_images.hpp"

namespace agon::host {

/// As read_images() says of folders.
ReadImages read_folder(const std::filesystem::path& folder, const ImageReading& options);

}  // namespace agon::host
