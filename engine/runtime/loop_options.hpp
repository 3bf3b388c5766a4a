// How a training step is repeated.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace agon {

/// How steps are repeated. Bits do not depend on it, but for what `fuse` says.
struct LoopOptions {
  /// Every operation of every step is launched by the host, without a graph.
  static constexpr std::int64_t kByOperation = -1;

  /// On CUDA, steps in one launch by the host; the processor calls each, whatever this says. 0: all of a
  /// run(), repeated on the device by the WHILE nodes of a graph, and the host idle. N: a graph of N steps,
  /// launched again and again; beyond steps_in_turn() it is made of WHILE nodes, too.
  std::int64_t steps_per_launch = 0;
  /// Copies of the step in the body of a WHILE node; more amortise the node's own cost. 0: see
  /// steps_in_turn().
  int unroll = 0;
  /// How often a run()'s watch is called.
  std::chrono::milliseconds poll_every{50};
  /// Passes that merge a step's operations: "all" that are worth it on the device, "none", or names with
  /// commas between (engine/program/passes.hpp). On a GPU a merged product can have another algorithm, and so
  /// other last bits.
  std::string fuse = "all";
};

/// `unroll`; where that is 0, as many copies of a step of so many launches as make some 512 of them, at least
/// one.
inline int steps_in_turn(const LoopOptions& options, std::size_t launches) {
  if (options.unroll != 0) return options.unroll;
  return static_cast<int>(std::max<std::size_t>(1, 512 / std::max<std::size_t>(1, launches)));
}

/// Called by the host while steps run, about every LoopOptions::poll_every and before the first; false asks
/// the run to stop. Must not use the loop's queue: it would wait for the run's end. What it throws stops the
/// run, and comes out of it.
using Watch = std::function<bool()>;

}  // namespace agon
