// A block's shared memory, its own and its cluster's.
#pragma once

#include <cstddef>

#include "tests/simulator/language/keywords.hpp"

namespace agon::simulator {

/// The running block's copy of the variable that `tag`, a different address for each, stands for.
void* shared_variable(const void* tag, const char* name, std::size_t bytes, std::size_t alignment,
                      const char* file, int line);
/// What the launch asked for.
void* dynamic_shared_memory();
/// The same place in the shared memory of the cluster's block of that rank.
void* shared_of_rank(void* pointer, unsigned rank, const char* file, int line);

}  // namespace agon::simulator
