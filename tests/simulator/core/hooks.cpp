// What instrumented kernels call. A kernel's source is compiled with -fsanitize=thread and
// -fsanitize=alignment,bounds, and linked without those sanitizers' runtimes: these take their place. So
// every load and store reports itself, and kernels need no types of their own for it.
//
// Source of the names and parameters: GCC's sanitizer.def; compiler-rt's tsan_interface.h and
// ubsan_handlers.h.
#include <cstdint>
#include <cstring>
#include <string>

#include "tests/simulator/core/early.hpp"
#include "tests/simulator/core/records.hpp"
#include "tests/simulator/core/report.hpp"
#include "tests/simulator/core/shadow.hpp"
#include "tests/simulator/core/thread.hpp"

namespace agon::simulator {
namespace {

bool instrumented = false;

__attribute__((noinline)) void check_slowly(const void* pointer, std::size_t bytes, Access access,
                                            const void* pc) {
  const Inside inside;
  check_access(inside.self(), pointer, bytes, access, pc);
}

__attribute__((noinline)) void check_early_slowly(const void* pointer, const void* pc) {
  const Inside inside;
  check_early_access(inside.self(), pointer, pc);
}

__attribute__((always_inline)) inline void note(const void* pointer, std::size_t bytes, Access access,
                                                const void* pc) {
  const Thread* const thread = running;
  if (thread != nullptr && thread->early) check_early_slowly(pointer, pc);
  if (thread == nullptr || quickly_fine(*thread, pointer, bytes, access == Access::write)) return;
  check_slowly(pointer, bytes, access, pc);
}

/// A volatile access is a relaxed atomic one: it takes and hands on what fences have prepared, and does not
/// race with its like.
void note_volatile(const void* pointer, std::size_t bytes, bool writes, const void* pc) {
  if (running == nullptr) return;
  const Inside inside;
  check_access(inside.self(), pointer, bytes, writes ? Access::atomic_store : Access::atomic_read, pc);
  if (writes) {
    hand_on_releases(inside.self(), pointer, true);
  } else {
    take_releases(inside.self(), pointer);
  }
}

/// compiler-rt's SourceLocation, and what handlers get of the checks that failed.
struct SourceLocation {
  const char* file;
  std::uint32_t line, column;
};

/// `words` is called once nothing runs: its strings are not the kernel's memory.
template <class Words>
void report_check(const char* kind, const SourceLocation& at, Outcome outcome, const Words& words) {
  if (running == nullptr) return;
  const Inside inside;
  report(kind, Site{at.file, static_cast<int>(at.line)}.text(), words(), inside.self());
  fault(inside.self(), outcome);
}

}  // namespace

bool checks_accesses() { return instrumented; }

}  // namespace agon::simulator

using agon::simulator::Access;
using agon::simulator::Outcome;

#define AGON_PC __builtin_return_address(0)
#define AGON_ACCESS_HOOKS(n)                                                                       \
  void __tsan_read##n(void* p) { agon::simulator::note(p, n, Access::read, AGON_PC); }             \
  void __tsan_write##n(void* p) { agon::simulator::note(p, n, Access::write, AGON_PC); }           \
  void __tsan_unaligned_read##n(void* p) { agon::simulator::note(p, n, Access::read, AGON_PC); }   \
  void __tsan_unaligned_write##n(void* p) { agon::simulator::note(p, n, Access::write, AGON_PC); } \
  void __tsan_volatile_read##n(void* p) { agon::simulator::note_volatile(p, n, false, AGON_PC); }  \
  void __tsan_volatile_write##n(void* p) { agon::simulator::note_volatile(p, n, true, AGON_PC); }

extern "C" {
void __tsan_init() { agon::simulator::instrumented = true; }
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
AGON_ACCESS_HOOKS(1)
AGON_ACCESS_HOOKS(2)
AGON_ACCESS_HOOKS(4)
AGON_ACCESS_HOOKS(8)
AGON_ACCESS_HOOKS(16)
void __tsan_read_range(void* p, std::size_t n) { agon::simulator::note(p, n, Access::read, AGON_PC); }
void __tsan_write_range(void* p, std::size_t n) { agon::simulator::note(p, n, Access::write, AGON_PC); }
void* __tsan_memcpy(void* to, const void* from, std::size_t n) {
  agon::simulator::note(from, n, Access::read, AGON_PC);
  agon::simulator::note(to, n, Access::write, AGON_PC);
  return std::memcpy(to, from, n);
}
void* __tsan_memmove(void* to, const void* from, std::size_t n) {
  agon::simulator::note(from, n, Access::read, AGON_PC);
  agon::simulator::note(to, n, Access::write, AGON_PC);
  return std::memmove(to, from, n);
}
void* __tsan_memset(void* to, int value, std::size_t n) {
  agon::simulator::note(to, n, Access::write, AGON_PC);
  return std::memset(to, value, n);
}

#if !defined(AGON_UBSAN_RUNTIME)
struct TypeMismatch {
  agon::simulator::SourceLocation at;
  const void* type;
  unsigned char log_alignment;
  unsigned char check_kind;
};
void __ubsan_handle_type_mismatch_v1(const TypeMismatch* check, std::uintptr_t pointer) {
  agon::simulator::report_check("misaligned access", check->at, Outcome::misaligned_address, [&] {
    return "an address that is no multiple of " + std::to_string(std::size_t{1} << check->log_alignment) +
           ", but " + std::to_string(pointer % 256) + " past one of 256";
  });
}
struct OutOfBounds {
  agon::simulator::SourceLocation at;
  const void* array_type;
  const void* index_type;
};
void __ubsan_handle_out_of_bounds(const OutOfBounds* check, std::uintptr_t index) {
  agon::simulator::report_check("out of bounds", check->at, Outcome::illegal_address, [&] {
    return "index " + std::to_string(static_cast<std::ptrdiff_t>(index)) + " is outside of the array";
  });
}
#endif
}
