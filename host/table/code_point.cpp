#include "host/table/code_point.hpp"

#include <array>
#include <cstdint>

namespace agon::host {
namespace {

// Full-width, Arabic-Indic, extended Arabic-Indic and Devanagari digits.
constexpr std::array<char32_t, 4> kZeros = {0xFF10, 0x0660, 0x06F0, 0x0966};

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

void append_utf8(std::string& out, char32_t c) {
  const auto tail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += {static_cast<char>(0xC0 | c >> 6), tail(0)};
  } else if (c < 0x10000) {
    out += {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  } else {
    out += {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
  }
}

CodePoint first_code_point(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t value = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  return {value, length};
}

CodePoint last_code_point(std::string_view text) {
  std::size_t begin = text.size() - 1;
  while (is_continuation(text[begin])) --begin;
  return first_code_point(text.substr(begin));
}

std::string code_point_name(char32_t code_point) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string digits;
  for (; code_point != 0 || digits.size() < 4; code_point >>= 4) digits.insert(0, 1, kHex[code_point & 15]);
  return "U+" + digits;
}

bool is_blank(char32_t c) {
  if (c == ' ' || (c >= '\t' && c <= '\r')) return true;
  if (c < 0x80) return false;
  return c == 0x85 || c == 0xA0 || c == 0xAD || c == 0x1680 || (c >= 0x2000 && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x2060) || c == 0x3000 || c == 0xFEFF;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty()) {
    const CodePoint first = first_code_point(text);
    if (!is_blank(first.value)) break;
    text.remove_prefix(first.length);
  }
  while (!text.empty()) {
    const CodePoint last = last_code_point(text);
    if (!is_blank(last.value)) break;
    text.remove_suffix(last.length);
  }
  return text;
}

char number_look_alike(char32_t c) {
  // Hyphens, dashes, the minus sign, and their small and full-width forms.
  if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x2796 || c == 0xFE58 || c == 0xFE63 ||
      c == 0xFF0D) {
    return '-';
  }
  if (c == 0xFF0B || c == 0xFE62) return '+';
  if (c == 0xFF0E || c == 0x066B) return '.';
  for (const char32_t zero : kZeros) {
    if (c >= zero && c < zero + 10) return static_cast<char>('0' + (c - zero));
  }
  return '\0';
}

}  // namespace agon::host
