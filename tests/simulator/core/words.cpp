// Words of the device language that touch memory in their own way: atomics and asynchronous copies.
#include <cstring>
#include <string>

#include "tests/simulator/core/meeting.hpp"
#include "tests/simulator/core/report.hpp"
#include "tests/simulator/core/shadow.hpp"
#include "tests/simulator/core/thread.hpp"
#include "tests/simulator/language/async_copy.hpp"
#include "tests/simulator/language/atomics.hpp"

namespace agon::simulator {
namespace {

void require_aligned(const void* pointer, unsigned bytes, const char* word, Site site, Thread& self) {
  if (reinterpret_cast<std::uintptr_t>(pointer) % bytes == 0) return;
  report(
      "misaligned access", site.text(),
      std::string(word) + " of " + std::to_string(bytes) + " bytes at an address that is no multiple of it",
      self);
  fault(self, Outcome::misaligned_address);
}

void check_both(const Copy& copy, Site site, Thread& self) {
  if (!checks_accesses()) return;
  if (copy.source != nullptr) check_access(self, copy.source, copy.bytes, Access::read, site);
  check_access(self, copy.destination, copy.bytes, Access::write, site);
}

/// The data lands as late as it may.
void land(const Copy& copy, Site site, Thread& self) {
  if (checks_accesses()) set_pending(copy.destination, copy.bytes, false);
  check_both(copy, site, self);
  if (copy.source != nullptr) {
    std::memcpy(copy.destination, copy.source, copy.bytes);
  } else {
    std::memset(copy.destination, 0, copy.bytes);
  }
}

}  // namespace

void begin_atomic(const void* pointer, unsigned bytes, const char* word, const char* file, int line) {
  const Inside inside;
  Thread& self = inside.self();
  const Site site{file, line};
  require_aligned(pointer, bytes, word, site, self);
  if (options().order == Order::random) yield(self);
  if (!checks_accesses()) return;
  check_access(self, pointer, bytes, Access::atomic_read, site);
  take_releases(self, pointer);
}

void end_atomic(const void* pointer, unsigned bytes, const char* file, int line) {
  if (!checks_accesses()) return;
  const Inside inside;
  check_access(inside.self(), pointer, bytes, Access::atomic_update, Site{file, line});
  hand_on_releases(inside.self(), pointer, false);
}

void begin_copy(void* destination, const void* source, unsigned bytes, const char* file, int line) {
  const Inside inside;
  Thread& self = inside.self();
  const Site site{file, line};
  const Copy copy{destination, source, bytes};
  require_aligned(destination, bytes, "a copy", site, self);
  if (source != nullptr) require_aligned(source, bytes, "a copy", site, self);
  check_both(copy, site, self);
  if (checks_accesses()) set_pending(destination, bytes, true);
  self.open_copies.push_back(copy);
}

void close_copies() {
  const Inside inside;
  inside.self().copies.push_back(std::move(inside.self().open_copies));
  inside.self().open_copies.clear();
}

void wait_copies(int pending, const char* file, int line) {
  const Inside inside;
  Thread& self = inside.self();
  const Site site{file, line};
  if (taken_away(site)) return;
  while (static_cast<int>(self.copies.size()) > pending) {
    for (const Copy& copy : self.copies.front()) land(copy, site, self);
    self.copies.pop_front();
  }
}

}  // namespace agon::simulator
