// Giving a setting its value, from a flag's text or from what a configuration file holds, with its bounds
// checked.
#pragma once

#include <string>

#include "host/config/settings.hpp"

namespace agon::host {

/// A setting given as a flag.
struct FlagValue {
  std::string setting;  ///< its path: "training.batch"
  std::string text;
};

/// `place` is where the value was written ("--batch", "x.toml:3:9: training.batch"). A whole number is
/// accepted for a real one, and 1e6 for a whole one. Throws ConfigurationError: "<place>: expected <what the
/// setting takes>, got <what it was given>".
void assign(const Setting& setting, const SettingValue& input, const std::string& place);

/// The same from text: "64", "1e6", "2e-4", "128,256,512" (brackets allowed, "[]" is the empty list).
void assign_text(const Setting& setting, const std::string& text, const std::string& place);

/// What the setting takes: "an integer from 1 to 1048576", "one of fp32, tf32, bf16".
std::string expectation(const Setting& setting);

}  // namespace agon::host
