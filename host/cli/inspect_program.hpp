// A run's step as a program: its operations before and after the passes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/gan/config.hpp"

namespace agon::host {

/// On `device`, a checkpoint's name of it. An operation is a line: shape, multiply-adds, bytes, what it
/// reads, what it writes.
std::string program_text(const GanConfig& config, std::string_view device);
nlohmann::ordered_json program_json(const GanConfig& config, std::string_view device);

}  // namespace agon::host
