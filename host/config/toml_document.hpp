// What all readers of TOML share.
#pragma once

#include <string>
#include <string_view>

#include <toml++/toml.h>

namespace agon::host {

/// "source:line:column"
std::string toml_place(const std::string& source, const toml::source_position& at);

/// Throws ConfigurationError, one line that starts with the place.
toml::table parse_toml(std::string_view text, const std::string& source);

}  // namespace agon::host
