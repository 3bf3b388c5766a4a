#include "host/table/text.hpp"

#include <fmt/format.h>

#include <cmath>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace agon::host {
namespace {

// Length of the well-formed sequence at the start of `text`; 0 where there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  if (lead < 0xE0) return continues(1) ? 2 : 0;
  if (lead < 0xF0) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  const unsigned low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
  return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
}

// Length of the ASCII at the start of `text`, in whole blocks.
std::size_t ascii_length(std::string_view text) {
  constexpr std::size_t kBlock = 32;
  std::size_t i = 0;
  for (; i + kBlock <= text.size(); i += kBlock) {
    std::array<std::uint64_t, kBlock / 8> words;
    std::memcpy(words.data(), text.data() + i, kBlock);
    if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080) != 0) break;
  }
  return i;
}

bool control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// A character that moves a terminal's cursor or turns the direction of writing: C1 controls, separators of
// lines, and marks of direction (Unicode 15, Bidi_Control).
bool moves(std::string_view character) {
  if (character == "\xD8\x9C") return true;
  if (character.size() == 2) return character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0;
  if (character.size() != 3 || character[0] != '\xE2') return false;
  const auto second = static_cast<unsigned char>(character[1]),
             third = static_cast<unsigned char>(character[2]);
  if (second == 0x80) return third == 0x8E || third == 0x8F || (third >= 0xA8 && third <= 0xAE);
  return second == 0x81 && third >= 0xA6 && third <= 0xA9;
}

void append_escaped(std::string& out, char byte) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  out += "\\x";
  out += kHex[value >> 4];
  out += kHex[value & 15];
}

}  // namespace

std::size_t first_invalid_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (const std::size_t ascii = ascii_length(text.substr(i)); ascii != 0) {
      i += ascii;
      continue;
    }
    const std::size_t length = sequence_length(text.substr(i, 4));
    if (length == 0) return i;
    i += length;
  }
  return text.size();
}

std::string printable(std::string_view text, std::size_t longest) {
  std::string out;
  std::size_t i = 0;
  while (i < text.size() && i < longest) {
    const std::size_t length = sequence_length(text.substr(i, 4));
    if (length == 0 || control(text[i])) {
      append_escaped(out, text[i]);
      ++i;
    } else if (moves(text.substr(i, length))) {
      for (const char byte : text.substr(i, length)) append_escaped(out, byte);
      i += length;
    } else {
      out += text.substr(i, length);
      i += length;
    }
  }
  return i < text.size() ? out + "..." : out;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += printable(text.substr(0, end), end);
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string in_quotes(std::string_view text) { return '\'' + printable(text) + '\''; }

std::string short_number(double value, int decimals) {
  constexpr double kLong = 1e6;
  if (std::abs(value) < kLong) return fmt::format("{:.{}f}", value, decimals);
  return fmt::format("{:.3g}", value);
}

}  // namespace agon::host
