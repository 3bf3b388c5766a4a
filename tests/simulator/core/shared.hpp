// Shared memory of the blocks that run.
#pragma once

#include <cstddef>
#include <string>

#include "tests/simulator/core/site.hpp"
#include "tests/simulator/core/thread.hpp"

namespace agon::simulator {

/// Forgets the last kernel's variables.
void begin_shared(std::size_t dynamic_bytes);
/// Gives a block its memory: what there is reads as NaN, nobody has written it.
void open_shared(const Block& block);
/// Reports accesses by the cluster's other blocks that nothing orders before the block's end: its shared
/// memory may be gone by then.
void check_shared_at_end(const Block& block, const Thread& last);
/// Nobody may touch it any more.
void close_shared(const Block& block);

char* slot_base(unsigned slot);
/// "shared memory 'tile' (64 bytes), byte 64" for an offset in a slot.
std::string describe_shared(std::size_t offset);

}  // namespace agon::simulator
