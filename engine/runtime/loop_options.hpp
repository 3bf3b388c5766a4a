// How a training step is repeated.
#pragma once

#include <chrono>
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
  /// launched again and again; beyond `unroll` it is made of WHILE nodes, too.
  std::int64_t steps_per_launch = 0;
  /// Copies of the step in the body of a WHILE node, at least 1; more amortise the node's own cost.
  int unroll = 16;
  /// How often a run()'s watch is called.
  std::chrono::milliseconds poll_every{50};
  /// Passes that merge a step's operations: "all" that are worth it on the device, "none", or names with
  /// commas between (engine/program/passes.hpp). On a GPU a merged product can have another algorithm, and so
  /// other last bits.
  std::string fuse = "all";
};

/// Called by the host while steps run, about every LoopOptions::poll_every and before the first; false asks
/// the run to stop. Must not use the loop's queue: it would wait for the run's end. What it throws stops the
/// run, and comes out of it.
using Watch = std::function<bool()>;

}  // namespace agon
