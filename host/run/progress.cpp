#include "host/run/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "host/run/console.hpp"
#include "host/table/text.hpp"

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
  constexpr double kBeyondCounting = 1e9;
  if (!(steps_per_second < kBeyondCounting)) return short_number(steps_per_second, 0);
  if (steps_per_second >= 100) return grouped(static_cast<std::uint64_t>(steps_per_second + 0.5));
  return fmt::format("{:.{}f}", steps_per_second, steps_per_second >= 10 ? 1 : 2);
}

/// "1.305", or of several that differ the least and the largest: "1.305..1.410".
std::string range(const std::vector<StepStatistics>& means, float StepStatistics::*member, int decimals) {
  if (means.empty()) return "-";
  const auto less = [&](const StepStatistics& a, const StepStatistics& b) { return a.*member < b.*member; };
  const auto [least, most] = std::minmax_element(means.begin(), means.end(), less);
  const std::string low = short_number((*least).*member, decimals);
  const std::string high = short_number((*most).*member, decimals);
  return low == high ? low : low + ".." + high;
}

std::string replicas_text(const ProgressState& s) {
  const std::size_t diverged = s.replicas - s.means.size();
  return fmt::format("{} replicas{}", s.replicas, diverged > 0 ? fmt::format(", {} diverged", diverged) : "");
}

}  // namespace

std::string progress_line(const ProgressState& s, std::size_t columns) {
  // In the order of the line; the least needed, by `rank`, goes first where the line is too long.
  struct Piece {
    int rank;
    std::string text;
  };
  std::vector<Piece> pieces{
      {0, fmt::format("step {}/{}", grouped(s.step), grouped(s.steps))},
      {6, s.part.empty() ? fmt::format("epoch {}/{}", short_number(s.epoch, 0), s.epochs) : s.part}};
  if (s.replicas > 1) pieces.push_back({4, replicas_text(s)});
  pieces.push_back({2, fmt::format("loss D {} G {}", range(s.means, &StepStatistics::discriminator_loss, 3),
                                   range(s.means, &StepStatistics::generator_loss, 3))});
  pieces.push_back({3, fmt::format("D(real) {} D(fake) {}", range(s.means, &StepStatistics::output_real, 2),
                                   range(s.means, &StepStatistics::output_fake, 2))});
  const auto augmented = [](const StepStatistics& one) { return one.augmentation != 0; };
  if (std::ranges::any_of(s.means, augmented))
    pieces.push_back({7, fmt::format("augment {}", range(s.means, &StepStatistics::augmentation, 2))});
  if (s.steps_per_second > 0) {
    const double left = static_cast<double>(s.steps - std::min(s.step, s.steps)) / s.steps_per_second;
    const std::string each = rate(s.steps_per_second);
    pieces.push_back({5, s.replicas > 1 ? fmt::format("{} x {} steps/s", s.means.size(), each)
                                        : fmt::format("{} steps/s", each)});
    pieces.push_back({1, fmt::format("{} left", duration(left))});
  }
  const auto joined = [&] {
    std::string line;
    for (const Piece& piece : pieces) line += (line.empty() ? "" : "  ") + piece.text;
    return line;
  };
  const auto lower_rank = [](const Piece& a, const Piece& b) { return a.rank < b.rank; };
  while (pieces.size() > 1 && joined().size() > columns)
    pieces.erase(std::max_element(pieces.begin(), pieces.end(), lower_rank));
  return joined().substr(0, columns);
}

Progress::Style Progress::detect() {
  const char* terminal = std::getenv("TERM");
  const bool moves = terminal != nullptr && std::string_view(terminal) != "dumb";
  return moves && isatty(STDERR_FILENO) ? Style::live : Style::plain;
}

void Progress::report(const ProgressState& state) {
  const Clock::time_point now = Clock::now();
  if (style_ == Style::live) {
    // One column stays free: a full line would wrap, and a wrapped line cannot be rewritten.
    print_raw_message("\r" + progress_line(state, terminal_columns() - 1) + "\x1b[K");
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
