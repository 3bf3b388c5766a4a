// The training step as a program.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/gan/config.hpp"
#include "engine/program/program.hpp"
#include "engine/program/tensor_table.hpp"
#include "engine/tuning/layer_plan.hpp"

namespace agon {

/// A step and the names of what it works on.
struct StepProgram {
  Program program;
  TensorTable tensors;
};

/// The step with so many rows to a micro-batch, as a device of that kind runs it after `passes`
/// (engine/program/passes.hpp). Its operands are laid out as in memory, but lead nowhere: it is to be looked
/// at.
StepProgram step_program(const GanConfig& config, std::int64_t micro_batch, DeviceKind device,
                         std::string_view passes = "all");

/// Each launch of layers with weights of the step on CUDA once, in the order of their first.
std::vector<LayerLaunch> step_launches(const GanConfig& config, std::int64_t micro_batch, int replicas = 1);

}  // namespace agon
