#include "host/run/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "host/run/console.hpp"

namespace agon::host {
namespace {

constexpr std::chrono::milliseconds kLivePeriod{100};
constexpr std::chrono::seconds kPlainPeriod{10};

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string rate(double steps_per_second) {
  if (steps_per_second >= 100) return grouped(static_cast<std::uint64_t>(steps_per_second + 0.5));
  return fmt::format("{:.{}f}", steps_per_second, steps_per_second >= 10 ? 1 : 2);
}

}  // namespace

std::string progress_line(const ProgressState& s) {
  std::string line =
      fmt::format("step {}/{}  epoch {:.0f}/{}  loss D {:.3f} G {:.3f}  D(real) {:.2f}  D(fake) {:.2f}",
                  grouped(s.step), grouped(s.steps), s.epoch, s.epochs, s.mean.discriminator_loss,
                  s.mean.generator_loss, s.mean.probability_real, s.mean.probability_fake);
  if (s.steps_per_second > 0) {
    const double left = static_cast<double>(s.steps - std::min(s.step, s.steps)) / s.steps_per_second;
    line += fmt::format("  {} steps/s  {} left", rate(s.steps_per_second), duration(left));
  }
  return line;
}

std::string fitted(const std::string& line, std::size_t columns) { return line.substr(0, columns); }

Progress::Style Progress::detect() {
  const char* terminal = std::getenv("TERM");
  const bool moves = terminal != nullptr && std::string_view(terminal) != "dumb";
  return moves && isatty(STDERR_FILENO) ? Style::live : Style::plain;
}

void Progress::report(const ProgressState& state) {
  const Clock::time_point now = Clock::now();
  if (style_ == Style::live) {
    // One column stays free: a full line would wrap, and a wrapped line cannot be rewritten.
    print_raw_message("\r" + fitted(progress_line(state), terminal_columns() - 1) + "\x1b[K");
    shown_ = true;
    next_ = now + kLivePeriod;
  } else {
    print_message(progress_line(state));
    next_ = now + kPlainPeriod;
  }
}

void Progress::clear() {
  if (shown_) print_raw_message("\r\x1b[K");
  shown_ = false;
  next_ = std::min(next_, Clock::now());
}

}  // namespace agon::host
