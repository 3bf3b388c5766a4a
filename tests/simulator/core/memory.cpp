#include "tests/simulator/core/memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "tests/simulator/core/poison.hpp"
#include "tests/simulator/core/shadow.hpp"
#include "tests/simulator/core/shared.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon::simulator {
namespace {

constexpr std::size_t kAlignment = 256;
constexpr std::size_t kFilled = std::size_t{1}
                                << 20;  // with NaN; what lies beyond is zero, and unwritten all the same
constexpr std::size_t kLeastGap = 4096, kMostGap = std::size_t{16} << 20;

struct Allocation {
  std::size_t bytes;
  CallStack from;
  std::string name;
};

/// An area's allocations by their offset. New ones go behind the last one, and start over at the end: freed
/// addresses are not used again soon, so that their late users are seen.
struct AreaState {
  std::size_t begin, end;
  std::size_t next = begin;
  std::map<std::size_t, Allocation> live{};
  std::size_t used = 0;
};

AreaState& state_of(Area area) {
  static AreaState device{.begin = kDeviceBegin, .end = kDeviceEnd};
  static AreaState pinned{.begin = kDeviceEnd, .end = kPinnedEnd};
  return area == Area::device ? device : pinned;
}

std::size_t offset_of(const void* pointer) {
  return static_cast<std::size_t>(static_cast<const char*>(pointer) - memory_base());
}

std::size_t rounded(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// As large as the buffer, so that a wrong stride does not land in the neighbour.
std::size_t gap_after(std::size_t bytes) { return rounded(std::clamp(bytes, kLeastGap, kMostGap)); }

/// The first place at or after `from` where the bytes and their gap fit; the area's end where there is none.
std::size_t place_for(const AreaState& area, std::size_t from, std::size_t bytes) {
  std::size_t at = from;
  auto next = area.live.lower_bound(at);
  if (next != area.live.begin()) {
    const auto& [offset, before] = *std::prev(next);
    at = std::max(at, offset + rounded(before.bytes) + gap_after(before.bytes));
  }
  for (; next != area.live.end(); ++next) {
    if (at + rounded(bytes) + gap_after(bytes) <= next->first) break;
    at = next->first + rounded(next->second.bytes) + gap_after(next->second.bytes);
  }
  return at + rounded(bytes) + gap_after(bytes) <= area.end ? at : area.end;
}

/// The last allocation that begins at or before the offset.
const std::pair<const std::size_t, Allocation>* before(const AreaState& area, std::size_t offset) {
  const auto after = area.live.upper_bound(offset);
  return after == area.live.begin() ? nullptr : &*std::prev(after);
}

std::string words_for(const Allocation& allocation) {
  return std::to_string(allocation.bytes) + " bytes " +
         (allocation.name.empty() ? "allocated at " + allocation.from.text()
                                  : "of '" + allocation.name + "'");
}

}  // namespace

void* allocate(std::size_t bytes, Area area, const CallStack& from) {
  AreaState& state = state_of(area);
  if (bytes == 0 || bytes > state.end - state.begin - state.used) return nullptr;
  std::size_t at = place_for(state, state.next, bytes);
  if (at == state.end) at = place_for(state, state.begin, bytes);
  if (at == state.end) return nullptr;
  state.live.emplace(at, Allocation{bytes, from, {}});
  state.used += bytes;
  state.next = at + rounded(bytes) + gap_after(bytes);
  char* const pointer = memory_base() + at;
  unpoison(pointer, bytes);
  poison(pointer + bytes, std::min<std::size_t>(gap_after(bytes), 65536));
  std::memset(pointer, 0xff, std::min(bytes, kFilled));
  set_state(pointer, bytes, area == Area::pinned ? word::kWhole : word::kAllocated);
  return pointer;
}

bool release(void* pointer, Area area) {
  AreaState& state = state_of(area);
  const auto found = state.live.find(offset_of(pointer));
  if (found == state.live.end()) return false;
  const std::size_t bytes = found->second.bytes;
  state.used -= bytes;
  state.live.erase(found);
  set_state(pointer, bytes, 0);
  poison(pointer, bytes);
  const std::size_t pages = bytes & ~std::size_t{4095};
  if (pages != 0) madvise(pointer, pages, MADV_DONTNEED);
  return true;
}

bool is_in(const void* pointer, std::size_t bytes, Area area) {
  const auto* const found = before(state_of(area), offset_of(pointer));
  return found != nullptr && offset_of(pointer) + bytes <= found->first + found->second.bytes;
}

bool belongs_to(const void* pointer, Area area) {
  const std::size_t offset = offset_of(pointer);
  return offset >= state_of(area).begin && offset < state_of(area).end;
}

void mark_written(const void* pointer, std::size_t bytes) { set_written(pointer, bytes); }

void copy_marks(const void* destination, const void* source, std::size_t bytes) {
  copy_states(destination, source, bytes);
}

std::string describe_address(const void* pointer) {
  const std::size_t offset = offset_of(pointer);
  if (offset < kDeviceBegin) return describe_shared(offset % kSlot);
  for (const Area area : {Area::device, Area::pinned}) {
    if (!belongs_to(pointer, area)) continue;
    const std::string prefix = area == Area::pinned ? "the pinned " : "the ";
    const auto* const found = before(state_of(area), offset);
    if (found == nullptr)
      return area == Area::pinned ? "pinned memory nobody has" : "device memory nobody has";
    return prefix + words_for(found->second) + ", byte " + std::to_string(offset - found->first);
  }
  return "an address outside of the device's memory";
}

Usage usage() { return {state_of(Area::device).used, state_of(Area::pinned).used}; }

std::vector<std::string> live_allocations() {
  std::vector<std::string> lines;
  for (const Area area : {Area::device, Area::pinned})
    for (const auto& [offset, allocation] : state_of(area).live)
      lines.push_back(std::string(area == Area::pinned ? "pinned memory: " : "device memory: ") +
                      words_for(allocation));
  return lines;
}

void name_memory(const void* pointer, std::string name) {
  for (const Area area : {Area::device, Area::pinned}) {
    AreaState& state = state_of(area);
    if (!belongs_to(pointer, area) || !is_in(pointer, 1, area)) continue;
    std::prev(state.live.upper_bound(offset_of(pointer)))->second.name = std::move(name);
    return;
  }
}

namespace {

/// Of the words that lie wholly within the bytes.
void set_words(const void* pointer, std::size_t bytes, std::uint8_t state) {
  const std::size_t first = (offset_of(pointer) + 3) / 4 * 4, end = (offset_of(pointer) + bytes) / 4 * 4;
  if (first < end) set_state(memory_base() + first, end - first, state);
}

}  // namespace

void forbid(const void* pointer, std::size_t bytes) { set_words(pointer, bytes, 0); }
void forget(const void* pointer, std::size_t bytes) { set_words(pointer, bytes, word::kAllocated); }

}  // namespace agon::simulator
