// What a plan of layers and a program have to do with each other.
#pragma once

#include <vector>

#include "engine/program/program.hpp"
#include "engine/tuning/layer_plan.hpp"

namespace agon {

/// Each launch of the program's layers with weights once, in the order of their first. Two linear layers that
/// CUDA computes in one launch of their own kernel (kernels/linear_pair.hpp) are none.
std::vector<LayerLaunch> launches_of(const Program& program, int replicas);

/// The program with the algorithms that `plan` has for its layers.
Program with_algorithms(const Program& program, const LayerPlan& plan, int replicas);

}  // namespace agon
