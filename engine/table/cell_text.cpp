#include "engine/table/cell_text.hpp"

#include <algorithm>
#include <array>

namespace agon {
namespace {

constexpr std::array<std::string_view, 3> kNoBreakSpaces = {"\u00A0", "\u2007", "\u202F"};

constexpr std::array<std::string_view, 32> kMarkers = {
    "",    "na",     "n/a",    "n.a.",    "n.a",     "#n/a",  "#na",    "<na>",  "null", "(null)",  "none",
    "nil", "nan",    "nat",    "\\n",     ".",       "..",    "...",    "-",     "--",   "---",     "\u2013",
    "?",   "\u2014", "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "-nan", "#n/a n/a"};
constexpr std::size_t kLongestMarker = 8;

bool plain_blank(char c) { return c == ' ' || c == '\t'; }

std::size_t leading_blank(std::string_view text) {
  if (text.empty()) return 0;
  if (plain_blank(text[0])) return 1;
  for (const std::string_view blank : kNoBreakSpaces)
    if (text.starts_with(blank)) return blank.size();
  return 0;
}

std::size_t trailing_blank(std::string_view text) {
  if (text.empty()) return 0;
  if (plain_blank(text.back())) return 1;
  for (const std::string_view blank : kNoBreakSpaces)
    if (text.ends_with(blank)) return blank.size();
  return 0;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto visible = [](char c) { return c > ' ' && static_cast<unsigned char>(c) < 0x80; };
  if (!text.empty() && visible(text.front()) && visible(text.back())) return text;
  while (const std::size_t bytes = leading_blank(text)) text.remove_prefix(bytes);
  while (const std::size_t bytes = trailing_blank(text)) text.remove_suffix(bytes);
  return text;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

bool is_missing_marker(std::string_view text) {
  if (text.empty()) return true;
  const bool digit_first = text[0] >= '0' && text[0] <= '9',
             digit_last = text.back() >= '0' && text.back() <= '9';
  if (digit_first || digit_last || text.size() > kLongestMarker) return false;
  if (text == "nat") return false;  // a name; pandas writes NaT
  return std::find(kMarkers.begin(), kMarkers.end(), lower_case(text)) != kMarkers.end();
}

std::string quoted_text(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "'";
  std::size_t i = 0;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  for (; i < text.size() && (i < kLongest || continues(i)); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != 0x7F) {
      out += text[i];
    } else {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out + (i < text.size() ? "...'" : "'");
}

}  // namespace agon
