// Settings as a command line names them: flags over recipes and files; the rows of a benchmark.
#pragma once

#include <string>
#include <vector>

#include "host/cli/commands.hpp"
#include "host/config/settings.hpp"

namespace agon::host {

struct NamedSettings {
  std::string name;  ///< the recipe's, or its file's without the ending
  Settings settings;
};

/// Throws ConfigurationError, "--flag: ...", on a text that its setting does not take.
void assign_flags(const std::vector<FlagValue>& flags, Settings& settings);

/// The recipes ("all": every one) with the hidden layers and latent width of `defaults`, then `defaults` with
/// each of the TOML files `configs`; "default", `defaults` themselves, where nothing is named. `flags` go
/// over all of them. Throws ConfigurationError, also where two rows have one name.
std::vector<NamedSettings> named_settings(const std::vector<std::string>& recipes,
                                          const std::vector<std::string>& configs,
                                          const std::vector<FlagValue>& flags, const Settings& defaults);

}  // namespace agon::host
