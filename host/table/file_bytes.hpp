// A file's bytes, unpacked where they are compressed.
#pragma once

#include <string>
#include <string_view>

namespace agon::host {

/// All of a file, a pipe or, for "-", standard input. Throws DataError "<name>: cannot read: <why>".
std::string read_bytes(const std::string& path);

/// What errors call it: the path, "standard input" for "-".
std::string name_of_file(const std::string& path);

/// The bytes themselves where they are not gzip's (RFC 1952), told by their first two; else what they hold,
/// all members in turn. Throws DataError where they are damaged or end early.
std::string unpacked(std::string bytes, std::string_view name);

}  // namespace agon::host
