// Jobs that share nothing, done by as many threads as there are.
#pragma once

#include <functional>
#include <vector>

namespace agon::host {

/// Calls every job once, on at most `threads` threads, and waits; jobs start in their order. Throws what the
/// first of them, in their order, threw. A job writes to its own place, so results do not depend on threads.
void do_side_by_side(int threads, const std::vector<std::function<void()>>& jobs);

}  // namespace agon::host
