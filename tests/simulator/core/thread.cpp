#include "tests/simulator/core/thread.hpp"

namespace agon::simulator {

constinit thread_local Thread* running = nullptr;
GridState grid_state;

void Barrier::reset(unsigned threads, Tick now) {
  members = threads;
  left = arrived = 0;
  waiting.clear();
  synced = now;
  votes = 0;
}

}  // namespace agon::simulator
