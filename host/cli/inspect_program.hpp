// A run's step as a program: its operations before and after the passes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/gan/config.hpp"
#include "engine/runtime/described_gpu.hpp"

namespace agon::host {

/// On `device`, a checkpoint's name of it, or where `gpu` is not null on that one, and what it costs there.
/// An operation is a line: shape, multiply-adds, bytes, what it reads, what it writes.
std::string program_text(const GanConfig& config, std::string_view device, const DescribedGpu* gpu);
nlohmann::ordered_json program_json(const GanConfig& config, std::string_view device,
                                    const DescribedGpu* gpu);

}  // namespace agon::host
