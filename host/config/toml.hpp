// Settings as TOML, both ways.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "host/config/settings.hpp"

namespace agon::host {

/// Takes over every setting the file names. Throws ConfigurationError, one line that starts with
/// file:line:column, on a file that cannot be read or parsed, an unknown section or key (with a suggestion),
/// a wrong type or value.
void read_toml(const std::filesystem::path& file, Settings& settings);

/// The same from text; messages start with source:line:column.
void read_toml_text(std::string_view text, const std::string& source, Settings& settings);

/// All settings, each with its meaning as a comment; read_toml takes it back to equal settings.
std::string to_toml(const Settings& settings);

}  // namespace agon::host
