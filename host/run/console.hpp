// Data on standard output, everything else on standard error.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/table/finding_text.hpp"

namespace agon::host {

/// The reader of standard output has gone away (`agon sample ... | head`): nobody to tell, nothing went
/// wrong.
struct OutputClosed : std::runtime_error {
  OutputClosed() : std::runtime_error("standard output was closed") {}
};

/// Writes all of `text` to standard output, unbuffered. Throws OutputClosed on a closed pipe, Error otherwise
/// ("standard output: cannot write: No space left on device").
void print_data(std::string_view text);

/// Writes lines to standard error, whatever would move a terminal's cursor as \xNN. Never fails: a message
/// that nobody can read is no reason to stop a run.
void print_lines(std::string_view text) noexcept;

/// The same of one line, without its end.
void print_message(std::string_view line) noexcept;

/// Writes `text` to standard error as it is. Never fails.
void print_raw_message(std::string_view text) noexcept;

/// Seconds as "0.8 s", "42 s", "3 min 05 s", "2 h 10 min", "3 d 4 h".
std::string duration(double seconds);

}  // namespace agon::host
