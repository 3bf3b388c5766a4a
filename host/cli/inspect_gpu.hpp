// What a run's step costs at least on a GPU that need not be here.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/gan/config.hpp"
#include "engine/runtime/described_gpu.hpp"

namespace agon::host {

/// An operation of the step as CUDA runs it is a line: launches, multiplications and additions, bytes, and
/// what they take (engine/program/gpu_cost.hpp) in the configuration's precision; then the sums, in each.
std::string gpu_text(const GanConfig& config, const DescribedGpu& gpu);
nlohmann::ordered_json gpu_json(const GanConfig& config, const DescribedGpu& gpu);

}  // namespace agon::host
