#include "tests/simulator/core/shared.hpp"

#include <cstring>
#include <vector>

#include "tests/simulator/core/poison.hpp"
#include "tests/simulator/core/report.hpp"
#include "tests/simulator/core/shadow.hpp"
#include "tests/simulator/language/shared_memory.hpp"

namespace agon::simulator {
namespace {

constexpr std::size_t kMostStatic = 48 << 10;  // Source: CUDA C++ Programming Guide, "Compute Capabilities"
constexpr std::size_t kMost = 227 << 10;
constexpr std::size_t kGap = 256;  // between variables, which lie side by side on a GPU

struct Variable {
  const void* tag;
  const char* name;
  std::size_t offset, bytes;
};

std::vector<Variable> variables;
std::size_t dynamic_bytes = 0;
std::size_t static_bytes = 0;
std::size_t end = 0;  // of the last variable

void open(char* at, std::size_t bytes) {
  if (bytes == 0) return;
  unpoison(at, bytes);
  std::memset(at, 0xff, bytes);
  forget_accesses(at, bytes);
  set_state(at, bytes, word::kAllocated);
}

void close(char* at, std::size_t bytes) {
  if (bytes == 0) return;
  set_state(at, bytes, 0);
  poison(at, bytes);
}

void require_room(std::size_t bytes, const char* name, Site site, Thread& self) {
  static_bytes += bytes;
  if (static_bytes <= kMostStatic && static_bytes + dynamic_bytes <= kMost) return;
  report("too much shared memory", site.text(),
         "with '" + std::string(name) + "' " + std::to_string(static_bytes) + " bytes of variables and " +
             std::to_string(dynamic_bytes) +
             " at launch: a block has 48 KiB for its variables, 227 KiB in all",
         self);
  fault(self, Outcome::failed);
}

}  // namespace

char* slot_base(unsigned slot) { return memory_base() + std::size_t{slot} * kSlot; }

void begin_shared(std::size_t bytes) {
  variables.clear();
  dynamic_bytes = bytes;
  static_bytes = 0;
  end = bytes;
}

void open_shared(const Block& block) {
  char* const base = slot_base(block.slot);
  poison(base, kSlot);
  forget_releases(base, kSlot);
  open(base, dynamic_bytes);
  for (const Variable& variable : variables) open(base + variable.offset, variable.bytes);
}

void check_shared_at_end(const Block& block, const Thread& last) {
  const char* const base = slot_base(block.slot);
  check_end_of(base, dynamic_bytes, last);
  for (const Variable& variable : variables) check_end_of(base + variable.offset, variable.bytes, last);
}

void close_shared(const Block& block) {
  char* const base = slot_base(block.slot);
  close(base, dynamic_bytes);
  for (const Variable& variable : variables) close(base + variable.offset, variable.bytes);
}

void* shared_variable(const void* tag, const char* name, std::size_t bytes, std::size_t alignment,
                      const char* file, int line) {
  const Inside inside;
  Thread& self = inside.self();
  char* const base = slot_base(self.block->slot);
  for (const Variable& variable : variables)
    if (variable.tag == tag) return base + variable.offset;
  require_room(bytes, name, Site{file, line}, self);
  const std::size_t offset = (end + kGap + alignment - 1) / alignment * alignment;
  variables.push_back({tag, name, offset, bytes});
  end = offset + bytes;
  for (const Block* block : grid_state.resident)
    if (block->live) open(slot_base(block->slot) + offset, bytes);
  return base + offset;
}

void* dynamic_shared_memory() { return slot_base(running->block->slot); }

std::string describe_shared(std::size_t offset) {
  const Variable* nearest = nullptr;
  for (const Variable& variable : variables)
    if (variable.offset <= offset + 16 && (nearest == nullptr || variable.offset > nearest->offset))
      nearest = &variable;
  const auto text = [&](const std::string& name, std::size_t bytes, std::size_t begin) {
    return name + " (" + std::to_string(bytes) + " bytes), byte " +
           std::to_string(static_cast<std::ptrdiff_t>(offset) - static_cast<std::ptrdiff_t>(begin));
  };
  if (nearest != nullptr)
    return text("shared memory '" + std::string(nearest->name) + "'", nearest->bytes, nearest->offset);
  return text("dynamic shared memory", dynamic_bytes, 0);
}

void* shared_of_rank(void* pointer, unsigned rank, const char* file, int line) {
  const Inside inside;
  Thread& self = inside.self();
  const std::ptrdiff_t offset = static_cast<char*>(pointer) - slot_base(self.block->slot);
  const Cluster& cluster = *self.block->cluster;
  if (offset < 0 || offset >= static_cast<std::ptrdiff_t>(kSlot) || rank >= cluster.blocks.size()) {
    report("wrong cluster address", Site{file, line}.text(),
           "map_shared_rank takes an address in the block's own shared memory and a rank below " +
               std::to_string(cluster.blocks.size()) + ", not " + std::to_string(rank),
           self);
    fault(self, Outcome::illegal_address);
  }
  return slot_base(cluster.blocks[rank]->slot) + offset;
}

}  // namespace agon::simulator
