#include "engine/program/place.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

namespace agon {
namespace {

struct Place {
  const Temporary* temporary = nullptr;
  std::size_t first = 0, last = 0;  // operations
  std::int64_t offset = 0;

  std::int64_t bytes() const {
    constexpr auto kUnit = static_cast<std::int64_t>(kArenaAlignment);
    return (temporary->bytes + kUnit - 1) / kUnit * kUnit;
  }
  bool lives_with(const Place& other) const { return first <= other.last && other.first <= last; }
};

/// By where each temporary was recorded.
using Places = std::map<const std::byte*, Place>;

/// Null where the address is no temporary's.
Place* place_at(Places& places, const std::byte* address) {
  const auto behind = places.upper_bound(address);
  if (behind == places.begin()) return nullptr;
  Place& place = std::prev(behind)->second;
  return address < place.temporary->first + place.temporary->bytes ? &place : nullptr;
}

/// Those that an operation touches, and from when to when.
Places lives_of(const Program& program) {
  Places all, used;
  for (const Temporary& temporary : program.temporaries()) all[temporary.first] = {&temporary};
  for (std::size_t i = 0; i < program.operations().size(); ++i)
    for (const Access& access : program.operations()[i].accesses()) {
      Place* const place = place_at(all, access.first);
      if (place == nullptr) continue;
      Place& its = used.try_emplace(place->temporary->first, Place{place->temporary, i, i}).first->second;
      its.last = i;
    }
  return used;
}

/// Returns the bytes that are needed.
std::int64_t choose_offsets(Places& places) {
  std::vector<Place*> order, done;
  for (auto& [address, place] : places) order.push_back(&place);
  std::ranges::stable_sort(order, [](const Place* a, const Place* b) { return a->bytes() > b->bytes(); });
  std::int64_t needed = 0;
  for (Place* const place : order) {
    for (const Place* const other : done)  // ascending offsets
      if (place->lives_with(*other) && other->offset < place->offset + place->bytes())
        place->offset = std::max(place->offset, other->offset + other->bytes());
    done.insert(std::ranges::upper_bound(done, place->offset, {}, &Place::offset), place);
    needed = std::max(needed, place->offset + place->bytes());
  }
  return needed;
}

}  // namespace

PlacedProgram place(const Program& program, std::byte* memory) {
  Places places = lives_of(program);
  const std::int64_t bytes = choose_offsets(places);
  const AddressMap map = [&](const void* pointer) -> const void* {
    const auto* const address = static_cast<const std::byte*>(pointer);
    const Place* const its = place_at(places, address);
    return its == nullptr ? pointer : memory + its->offset + (address - its->temporary->first);
  };
  std::vector<Operation> operations;
  for (const Operation& operation : program.operations()) operations.push_back(operation.relocated(map));
  return {Program(std::move(operations)), bytes};
}

}  // namespace agon
