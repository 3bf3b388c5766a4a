// Single characters of UTF-8 text, blanks that are not spaces, and look-alikes of ASCII.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace agon::host {

/// Appends one that is no surrogate, up to U+10FFFF.
void append_utf8(std::string& out, char32_t code_point);

/// The first and the last character of well-formed, non-empty UTF-8, with their length in bytes.
struct CodePoint {
  char32_t value;
  std::size_t length;
};
CodePoint first_code_point(std::string_view text);
CodePoint last_code_point(std::string_view text);

/// "U+00A0".
std::string code_point_name(char32_t code_point);

/// Spaces of any width and characters of no width: what nobody sees at the end of a cell.
bool is_blank(char32_t code_point);
/// Without blanks at both ends.
std::string_view trimmed(std::string_view text);
inline bool all_blank(std::string_view text) { return trimmed(text).empty(); }

/// What a person takes the character for in a number: a digit, '-', '+' or '.'; '\0' where it is ASCII or
/// looks like none of them.
char number_look_alike(char32_t code_point);

}  // namespace agon::host
