#include "engine/table/number_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/table/cell_text.hpp"

namespace agon {
namespace {

constexpr std::array<std::string_view, 12> kCurrencies = {"US$", "$",   "\u20AC", "\u00A3", "\u00A5", "USD",
                                                          "EUR", "GBP", "CHF",    "CAD",    "AUD",    "Rs."};
constexpr std::array<std::string_view, 5> kBlankMarks = {"\u00A0", "\u2007", "\u202F", "\u2009", "\u2019"};
constexpr std::string_view kMinus = "\u2212";

bool numeral(char c) { return c >= '0' && c <= '9'; }
bool starts_with_digit(std::string_view text) { return !text.empty() && numeral(text[0]); }

/// Bytes of a mark between digits at the start of `text`, and what it counts as; 0 where there is none.
std::size_t mark_at(std::string_view text, char& mark) {
  const char c = text.empty() ? '\0' : text[0];
  if (c == '.' || c == ',' || c == '\'' || c == ' ') {
    mark = c;
    return 1;
  }
  if (static_cast<unsigned char>(c) < 0x80) return 0;
  for (const std::string_view blank : kBlankMarks) {
    if (!text.starts_with(blank)) continue;
    mark = blank == kBlankMarks.back() ? '\'' : ' ';
    return blank.size();
  }
  return 0;
}

void take_sign(std::string_view& text, NumberText& parts) {
  if (text.starts_with('-') || text.starts_with('+')) {
    parts.negative = text[0] == '-';
    text.remove_prefix(1);
  } else if (text.starts_with(kMinus)) {
    parts.negative = parts.foreign_minus = true;
    text.remove_prefix(kMinus.size());
  }
}

std::string_view take_currency(std::string_view& text) {
  const char c = text.empty() ? '\0' : text[0];
  const bool possible = std::string_view("$UEGCAR").find(c) != std::string_view::npos;
  if (!possible && static_cast<unsigned char>(c) < 0x80) return {};
  for (const std::string_view currency : kCurrencies) {
    if (!text.starts_with(currency)) continue;
    std::size_t bytes = currency.size();
    while (bytes < text.size() && text[bytes] == ' ') ++bytes;
    const std::string_view taken = text.substr(0, bytes);
    text.remove_prefix(bytes);
    return taken;
  }
  return {};
}

std::string_view take_body(std::string_view& text) {
  std::size_t i = 0;
  bool digits = false;
  while (i < text.size()) {
    if (numeral(text[i])) {
      digits = true;
      ++i;
      continue;
    }
    char mark = '\0';
    const std::size_t bytes = mark_at(text.substr(i), mark);
    const bool digit_next = bytes > 0 && i + bytes < text.size() && numeral(text[i + bytes]);
    const bool ends_number = mark == '.' && digits && i + 1 == text.size();  // "54."
    if (!digit_next && !ends_number) break;
    i += bytes;
  }
  const std::string_view body = text.substr(0, digits ? i : 0);
  text.remove_prefix(body.size());
  return body;
}

std::string_view take_exponent(std::string_view& text) {
  if (!text.starts_with('e') && !text.starts_with('E')) return {};
  std::size_t i = 1;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  const std::size_t first = i;
  while (i < text.size() && numeral(text[i])) ++i;
  if (i == first) return {};
  const std::string_view exponent = text.substr(0, i);
  text.remove_prefix(i);
  return exponent;
}

/// A letter, a per cent sign or anything beyond ASCII (a degree sign, a Greek letter) may start a unit, after
/// a blank a slash as well. Ordinals and letters as of wards ("3A") are no units.
bool may_be_unit(std::string_view after) {
  const bool apart = after.starts_with(' ');
  const std::string_view unit = trimmed(after);
  if (unit.empty() || unit == "st" || unit == "nd" || unit == "rd" || unit == "th") return false;
  const char c = unit[0];
  const bool capital = c >= 'A' && c <= 'Z', letter = capital || (c >= 'a' && c <= 'z');
  if (capital && unit.size() == 1 && !apart) return std::string_view("CFKLMGUVW").find(c) != unit.npos;
  return letter || c == '%' || static_cast<unsigned char>(c) >= 0x80 || (apart && c == '/');
}

/// Separators of one body: how many of which, and the digits between them.
struct Separators {
  char first = '\0', last = '\0';  // of the marks, in order
  int count = 0, firsts = 0;
  std::size_t whole = 0;  // digits ahead of the first mark
  std::size_t tail = 0;   // digits behind the last one
  bool thousands = true;  // three digits between all marks
};

Separators separators_in(std::string_view body) {
  Separators found;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < body.size();) {
    char mark = '\0';
    const std::size_t bytes = mark_at(body.substr(i), mark);
    if (bytes == 0) {
      ++digits;
      ++i;
      continue;
    }
    if (found.count == 0) {
      found.first = mark;
      found.whole = digits;
    } else {
      found.thousands = found.thousands && digits == 3;
    }
    found.last = mark;
    found.firsts += mark == found.first;
    ++found.count;
    digits = 0;
    i += bytes;
  }
  found.tail = digits;
  return found;
}

/// Digits with '.' as the only mark into `out`; false where the marks are not the format's.
bool plain_digits(std::string_view body, const NumberFormat& format, std::string& out) {
  const MarksFound found = marks_in(body);
  char mark = format.mark;
  const char other = mark == '.' ? ',' : '.';
  const bool unmistakable = found.marks == (other == ',' ? Marks::comma : Marks::point);
  if (unmistakable && format.group == '\0') mark = other;
  std::size_t whole_digits = 0;
  bool fraction = false;
  for (std::size_t i = 0; i < body.size();) {
    char c = '\0';
    const std::size_t bytes = mark_at(body.substr(i), c);
    if (bytes == 0) {
      out += body[i++];
      whole_digits += !fraction;
      continue;
    }
    if (c == mark && !fraction) {
      fraction = true;
      out += '.';
    } else if (c != format.group || fraction || whole_digits == 0) {
      return false;
    }
    i += bytes;
  }
  const bool grouped = found.marks == Marks::grouped;
  return found.marks != Marks::impossible && (!grouped || found.group == format.group);
}

std::string with_groups(std::string_view whole, char group) {
  std::string out;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (i > 0 && (whole.size() - i) % 3 == 0) out += group;
    out += whole[i];
  }
  return out;
}

}  // namespace

bool take_apart(std::string_view text, NumberText& parts) {
  parts = {};
  take_sign(text, parts);
  if (!starts_with_digit(text) && !text.starts_with('.') && !text.starts_with(',')) {
    parts.before = take_currency(text);
    if (parts.before.empty()) return false;
    if (!parts.negative) take_sign(text, parts);
  }
  parts.body = take_body(text);
  if (parts.body.empty()) return false;
  parts.exponent = take_exponent(text);
  parts.after = text;
  return text.empty() || may_be_unit(text);
}

MarksFound marks_in(std::string_view body) {
  const Separators s = separators_in(body);
  if (s.count == 0) return {};
  const bool can_be_decimal = s.last == '.' || s.last == ',';
  const bool starts_group = s.whole >= 1 && s.whole <= 3 && body[0] != '0';
  if (s.count == 1 && can_be_decimal) {
    const bool ambiguous = s.tail == 3 && starts_group;
    if (s.last == '.') return {ambiguous ? Marks::ambiguous_point : Marks::point};
    return {ambiguous ? Marks::ambiguous_comma : Marks::comma};
  }
  const bool same = s.firsts == s.count;
  if (!starts_group || !s.thousands) return {Marks::impossible};
  if (same && s.tail == 3) return {Marks::grouped, s.first};
  const bool one_decimal = !same && s.firsts == s.count - 1 && can_be_decimal && s.last != s.first;
  if (one_decimal) return {Marks::grouped, s.first, s.last};
  return {Marks::impossible};
}

NumberReading read_number(std::string_view text, const NumberFormat& format, Number& number) {
  const auto parse = [&](std::string_view plain) {
    const NumberResult result = parse_number(plain.data(), plain.data() + plain.size(), number);
    return result.end == plain.data() + plain.size() ? result.status : NumberStatus::not_a_number;
  };
  if (format.mark == '.' && format.group != '.' && parse(text) == NumberStatus::number)
    return NumberReading::number;
  NumberText parts;
  if (!take_apart(text, parts)) return NumberReading::not_a_number;
  const bool unit_fits = (parts.before.empty() || trimmed(parts.before) == trimmed(format.before)) &&
                         (parts.after.empty() || trimmed(parts.after) == trimmed(format.after));
  std::string plain = parts.negative ? "-" : "";
  if (!unit_fits || !plain_digits(parts.body, format, plain)) return NumberReading::not_a_number;
  plain += parts.exponent;
  switch (parse(plain)) {
    case NumberStatus::number:
      return NumberReading::number;
    case NumberStatus::not_a_number:
      return NumberReading::not_a_number;
    case NumberStatus::out_of_range:
      return NumberReading::too_large;
  }
  return NumberReading::not_a_number;
}

std::string spell_number(double value, const NumberFormat& format) {
  std::array<char, 512> text;  // 309 digits, a mark, 18 digits, a sign; the shortest form may have 324 zeros
  const bool shortest = format.printed_decimals >= kDecimalsAsNeeded;
  char* const end = text.data() + text.size();
  const auto printed =
      shortest ? std::to_chars(text.data(), end, value, std::chars_format::fixed)
               : std::to_chars(text.data(), end, value, std::chars_format::fixed, format.printed_decimals);
  std::string_view digits(text.data(), static_cast<std::size_t>(printed.ptr - text.data()));
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string_view whole = digits.substr(0, point),
                   fraction = digits.substr(std::min(point + 1, digits.size()));
  const auto fewest = static_cast<std::size_t>(std::min(format.fewest_decimals, format.printed_decimals));
  while (!shortest && fraction.size() > fewest && fraction.ends_with('0')) fraction.remove_suffix(1);
  const bool zero = digits.find_first_not_of("0.") == digits.npos;
  std::string out = negative && !zero ? "-" : "";
  out += format.before;
  out += format.group != '\0' ? with_groups(whole, format.group) : std::string(whole);
  if (!fraction.empty()) (out += format.mark) += fraction;
  return out + format.after;
}

}  // namespace agon
