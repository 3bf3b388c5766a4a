#include "host/run/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// 0, or the error number.
int write_all(int descriptor, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

void print_data(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == EPIPE) throw OutputClosed();
  if (error != 0) throw Error(fmt::format("standard output: cannot write: {}", std::strerror(error)));
}

void print_raw_message(std::string_view text) noexcept { write_all(STDERR_FILENO, text); }

void print_lines(std::string_view text) noexcept {
  try {
    print_raw_message(printable_lines(text));  // one write, so that lines of several programs do not mix
  } catch (const std::exception&) {
    print_raw_message("agon: out of memory\n");
  }
}

void print_message(std::string_view line) noexcept {
  try {
    print_lines(std::string(line) + '\n');
  } catch (const std::exception&) {
    print_raw_message("agon: out of memory\n");
  }
}

std::string duration(double seconds) {
  if (!(seconds < 1e9)) return "long";
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const auto s = static_cast<std::uint64_t>(std::llround(seconds));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  if (s < 86400) return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
  return fmt::format("{} d {} h", s / 86400, s / 3600 % 24);
}

}  // namespace agon::host
