// --out and --overwrite.
#pragma once

#include <string>

namespace agon::host {

/// Throws ConfigurationError where `path` is a file that must not be replaced, or a folder. Empty is standard
/// output; devices and pipes (/dev/null) hold nothing that could be lost.
void check_output(const std::string& path, bool overwrite);

}  // namespace agon::host
