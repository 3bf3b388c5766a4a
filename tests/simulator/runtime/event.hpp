// Events: marks in a stream.
#pragma once

#include <chrono>
#include <memory>

#include "tests/simulator/runtime/capture.hpp"

namespace agon::simulator {

/// One recording of an event.
struct EventRecord {
  WorkPointer work;
  std::chrono::steady_clock::time_point time;  ///< the host's, when the work ran
};

/// The event of a handle; reports one that is none, and returns nullptr.
CUevent_st* event_of(cudaEvent_t handle);

}  // namespace agon::simulator

struct CUevent_st {
  unsigned int flags = 0;
  agon::simulator::CallStack created_from;
  // The last recording was one of these, or there is none.
  std::shared_ptr<agon::simulator::EventRecord> record;
  agon::simulator::CapturedEvent captured;
};
