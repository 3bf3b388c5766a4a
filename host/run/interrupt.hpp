// Ctrl-C and its relatives, turned into a question that the training loop asks.
#pragma once

namespace agon::host {

/// While it lives, the first SIGINT, SIGTERM or SIGHUP only sets requested(); the second ends the process at
/// once with status 130. A signal that was ignored at the start (nohup) stays ignored. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  static bool requested() noexcept;
};

}  // namespace agon::host
