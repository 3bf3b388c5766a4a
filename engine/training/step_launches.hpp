// Which linear layers a training step computes, learnt from the step itself.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/training/config.hpp"
#include "engine/tuning/linear_plan.hpp"
#include "kernels/rehearsal.hpp"

namespace agon {

/// The calls of one train_step() with so many rows to a micro-batch, of networks that use `plan`, in order.
/// Nothing is computed; the operations' pointers lead nowhere, aligned as in an Arena.
std::vector<kernels::LinearCall> rehearse_step(const GanConfig& config, std::int64_t micro_batch,
                                               int replicas = 1, const LinearPlan* plan = nullptr);

LinearLaunch launch_of(const kernels::LinearCall& call, int replicas);

/// Each launch of the step once, in the order of their first.
std::vector<LinearLaunch> step_launches(const GanConfig& config, std::int64_t micro_batch, int replicas = 1);

}  // namespace agon
