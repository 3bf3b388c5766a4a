// Where a network's parameters lie, known from its specification alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/network/network.hpp"

namespace agon {

/// Elements that a tensor of `size` takes in a flat buffer.
std::int64_t aligned(std::int64_t size);

/// The parameters of a network of that name, in layer order.
std::vector<TensorView> parameter_layout(const std::string& name, const NetworkSpec& spec);

}  // namespace agon
