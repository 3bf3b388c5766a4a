// What a test sees of the simulated CUDA device: its settings and what its checker found.
//
// A program becomes a simulated one by linking agon_simulated_device; nothing else in it changes. See
// README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace agon::simulator {

/// In which order ready threads and blocks run. Results must not depend on it.
enum class Order : std::uint8_t { forward, reverse, random };

/// What cudaStreamQuery says of a stream whose work has not failed: the truth, or one answer whatever is so.
enum class Query : std::uint8_t { honest, always_idle, always_busy };

struct Options {
  Order order = Order::forward;
  std::uint64_t seed = 1;     ///< of Order::random
  int multiprocessors = 132;  ///< what the device says it has; kernels choose their tiles by it
  /// "file.cu:12 in kernel": the barrier, or wait for copies, written on that line does nothing in kernels of
  /// that name (for mutation tests).
  std::string without_barrier;
  /// False: a driver that takes no programmatic launch under capture.
  bool captures_programmatic_launches = true;
  Query query = Query::honest;
};

/// Settings of the launches to come. At first those of the environment: AGON_SIMULATED_ORDER (forward,
/// reverse, random or random:SEED), AGON_SIMULATED_MULTIPROCESSORS, AGON_SIMULATED_WITHOUT_BARRIER.
Options& options();

/// Something a kernel, or the host's use of the runtime, must not do.
struct Report {
  std::string kind;    ///< such as "race", "out of bounds": see README.md for all of them
  std::string kernel;  ///< empty where the host is to blame
  std::string place;   ///< "file.cu:12"
  std::string thread;  ///< "block (1, 0, 0), thread (31, 0, 0)"; empty where the host is to blame
  std::string what;    ///< the memory and the other party, in words

  /// One line with all of it.
  std::string text() const;
};

/// What was found since the last call; one report for each kind, kernel and place.
std::vector<Report> take_reports();

/// Device memory, pinned memory, streams, events and graphs that were never given back, a line each.
std::vector<std::string> leaks();

/// Ends the state that a kernel's fault leaves the device in: every call fails with it, as on a real one.
void recover();

/// False in a build whose kernels are not instrumented (under AddressSanitizer, which then takes the
/// checker's place for memory): races, uninitialised reads, and addresses are not checked.
bool checks_accesses();

/// Calls the allocation that holds `pointer` so in reports.
void name_memory(const void* pointer, std::string name);

/// No kernel may read or write these bytes of an allocation from now on: the gaps of memory that is handed
/// out in pieces.
void forbid(const void* pointer, std::size_t bytes);

/// These bytes of an allocation count as never written from now on, whatever is in them.
void forget(const void* pointer, std::size_t bytes);

/// "file.cu:12 in kernel" of every barrier, and wait for copies, that has run in this process.
std::vector<std::string> barrier_sites();
/// Grids that have run in this process.
std::uint64_t grids_run();
/// The names of the kernels that have run, without template arguments.
std::vector<std::string> kernels_run();

}  // namespace agon::simulator
