#include "host/run/interrupt.hpp"

#include <unistd.h>

#include <array>
#include <csignal>

namespace agon::host {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
constexpr int kStatus = 128 + SIGINT;  // as shells report it, whichever signal it was
volatile std::sig_atomic_t interrupted = 0;
std::array<struct sigaction, kSignals.size()> earlier_actions;

void on_signal(int) {
  if (interrupted != 0) _exit(kStatus);
  interrupted = 1;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupted = 0;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], nullptr, &earlier_actions[i]);
    if (earlier_actions[i].sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(kSignals[i], &action, nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &earlier_actions[i], nullptr);
}

bool InterruptGuard::requested() noexcept { return interrupted != 0; }

}  // namespace agon::host
