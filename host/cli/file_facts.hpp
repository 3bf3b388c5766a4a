// What a report says of the files that it is from.
#pragma once

#include <string>

namespace agon::host {

/// 64 hexadecimal digits. Empty where the file cannot be read (again: a pipe has been read).
std::string sha256_of_file(const std::string& path);

/// Without its folders: a report travels. "-" is standard input's name.
std::string short_name(const std::string& path);

}  // namespace agon::host
