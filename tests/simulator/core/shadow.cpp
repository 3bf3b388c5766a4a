#include "tests/simulator/core/shadow.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "kernels/error.hpp"
#include "tests/simulator/core/memory.hpp"
#include "tests/simulator/core/records.hpp"

namespace agon::simulator {

Space space;
std::unordered_map<std::size_t, SplitWord> split_words;
std::unordered_map<std::size_t, AtomicUse> atomic_uses;

namespace {

template <class T>
T* reserve(std::size_t bytes) {
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    throw DeviceError(
        "the simulated device needs " + std::to_string(bytes >> 30) +
        " GiB of address space (no memory): the system refuses (vm.overcommit_memory, ulimit -v)");
  }
  return static_cast<T*>(memory);
}

std::size_t word_of(const void* pointer) {
  return static_cast<std::size_t>(static_cast<const char*>(pointer) - space.base) / 4;
}

}  // namespace

char* memory_base() {
  if (space.base == nullptr) {
    space.states = reserve<std::uint8_t>(kPinnedEnd / 4);
    space.cells = reserve<Cell>(kPinnedEnd / 4 * sizeof(Cell));
    space.base = reserve<char>(kPinnedEnd);
  }
  return space.base;
}

void set_state(const void* pointer, std::size_t bytes, std::uint8_t state) {
  const std::size_t first = word_of(pointer), whole = bytes / 4;
  std::memset(space.states + first, state, whole);
  if (bytes % 4 == 0) return;
  const auto last_bytes = static_cast<unsigned>(bytes % 4);
  space.states[first + whole] = (state & word::kAllocated) == 0 ? 0 : state | word::kSplit;
  split_words[first + whole] = {.cells = {}, .bytes = last_bytes};
}

void forget_accesses(const void* pointer, std::size_t bytes) {
  std::memset(static_cast<void*>(space.cells + word_of(pointer)), 0, (bytes + 3) / 4 * sizeof(Cell));
}

void set_written(const void* pointer, std::size_t bytes) {
  const auto begin = static_cast<std::size_t>(static_cast<const char*>(pointer) - space.base);
  const std::size_t first = (begin + 3) / 4, end = (begin + bytes) / 4;
  if (first < end) std::memset(space.states + first, word::kWhole, end - first);
  const auto mark_byte = [](std::size_t byte) {
    space.states[byte / 4] |= static_cast<std::uint8_t>(1 << byte % 4);
  };
  for (std::size_t byte = begin; byte < std::min(first * 4, begin + bytes); ++byte) mark_byte(byte);
  for (std::size_t byte = std::max(end * 4, begin); byte < begin + bytes; ++byte) mark_byte(byte);
}

void set_pending(const void* pointer, std::size_t bytes, bool pending) {
  for (std::size_t w = word_of(pointer), end = w + bytes / 4; w < end; ++w) {
    std::uint8_t& state = space.states[w];
    state = static_cast<std::uint8_t>(pending ? state | word::kPending : state & ~word::kPending);
  }
}

void copy_states(const void* destination, const void* source, std::size_t bytes) {
  const auto to = static_cast<std::size_t>(static_cast<const char*>(destination) - space.base);
  const auto from = static_cast<std::size_t>(static_cast<const char*>(source) - space.base);
  for (std::size_t i = 0; i < bytes;) {
    std::uint8_t& state = space.states[(to + i) / 4];
    const std::uint8_t other = space.states[(from + i) / 4];
    if ((to + i) % 4 == 0 && (from + i) % 4 == 0 && bytes - i >= 4) {
      state = static_cast<std::uint8_t>((state & ~word::kBytes) | (other & word::kBytes));
      i += 4;
    } else {
      const auto bit = static_cast<std::uint8_t>(1 << (to + i) % 4);
      const bool written = (other >> (from + i) % 4 & 1) != 0;
      state = static_cast<std::uint8_t>(written ? state | bit : state & ~bit);
      ++i;
    }
  }
}

}  // namespace agon::simulator
