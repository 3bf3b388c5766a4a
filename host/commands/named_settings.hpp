// The rows of a benchmark: settings from files, flags over all of them.
#pragma once

#include <string>
#include <vector>

#include "host/commands/commands.hpp"
#include "host/config/settings.hpp"

namespace agon::host {

struct NamedSettings {
  std::string name;  ///< its file's without the ending
  Settings settings;
};

/// `defaults` with each of the TOML files `configs` and then `flags` over them; "default", with the flags
/// alone, where no file is named. Throws ConfigurationError, also where two files have one name.
std::vector<NamedSettings> named_settings(const std::vector<std::string>& configs,
                                          const std::vector<FlagValue>& flags, const Settings& defaults);

}  // namespace agon::host
