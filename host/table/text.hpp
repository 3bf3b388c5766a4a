// Text that came from a file: is it UTF-8, and how to show it in one line. Numbers for one, too.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace agon::host {

/// Offset of the first byte that is not well-formed UTF-8 (Unicode 15, table 3-7: no surrogates, no overlong
/// forms), text.size() where all is.
std::size_t first_invalid_utf8(std::string_view text);

/// `text` for one line of a message: control characters, marks that turn the direction of writing and bytes
/// that are not UTF-8 as \xNN, at most `longest` bytes, then "...".
std::string printable(std::string_view text, std::size_t longest = 40);

/// The same for text of several lines, whose ends stay; nothing is cut off.
std::string printable_lines(std::string_view text);

/// `printable` in single quotes.
std::string in_quotes(std::string_view text);

/// "1.305", with so many decimals; from a million on "1.3e+30", so that no figure is longer than eleven
/// characters with up to three of them.
std::string short_number(double value, int decimals);

}  // namespace agon::host
