// The checker of arguments that capture froze.
//
// A captured launch repeats the bytes its arguments had at capture. An argument that the host changes from
// step to step, a step counter say, is then wrong from the second step on, and no single run of the step
// shows it. But two runs of the step's code side by side do: their launches are the same, and that argument
// is not.
#pragma once

#include <memory>
#include <vector>

#include "tests/simulator/core/site.hpp"
#include "tests/simulator/runtime/kernel_call.hpp"

namespace agon::simulator {

struct LaunchRecord {
  std::shared_ptr<const KernelCall> call;
  dim3 blocks, threads;
  std::size_t dynamic_shared = 0;
  CallStack from;
};

/// What was launched in a stream.
class LaunchHistory {
 public:
  /// A launch that is enqueued; `idle`: all work before it has run.
  void launched(LaunchRecord record, bool idle);
  void captured(LaunchRecord record);
  void begin_capture();
  /// Compares what was captured with the stream's last launches between two waits for it, and with its
  /// captures since: where the one is the other several times over, but for one launch more at its end (a
  /// loop's condition), all arguments must be equal. Reports those that are not.
  void end_capture();
  void drop_capture() { capturing_.clear(); }

 private:
  using Sequence = std::vector<LaunchRecord>;
  void finish_direct();

  Sequence direct_;                 // since the last wait
  Sequence direct_before_;          // the last between two waits
  Sequence capturing_;              // in the capture that goes on
  std::vector<Sequence> captures_;  // since direct_before_
};

}  // namespace agon::simulator
