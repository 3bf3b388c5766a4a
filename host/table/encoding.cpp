#include "host/table/encoding.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "host/table/code_point.hpp"
#include "host/table/source.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

// Bytes 0x80 to 0x9F; those without a character keep their number, as the WHATWG's Encoding Standard has it.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

Finding encoding_note(Finding::Weight weight, std::string what, std::string remedy = {}) {
  return {.weight = weight, .column = {}, .what = std::move(what), .remedy = std::move(remedy)};
}

// Nothing where it is not UTF-16. Without a byte order mark it is where nearly every other byte is 0, as it
// is of Latin text.
std::optional<std::endian> utf16_order(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return std::endian::little;
  if (bytes.starts_with("\xFE\xFF")) return std::endian::big;
  const std::string_view start = bytes.substr(0, 4096);
  std::array<std::size_t, 2> zeros{};  // at even and at odd offsets
  for (std::size_t i = 0; i < start.size(); ++i) zeros[i % 2] += start[i] == '\0';
  const std::size_t pairs = start.size() / 2;
  if (pairs < 2) return std::nullopt;
  if (zeros[0] == 0 && 10 * zeros[1] >= 7 * pairs) return std::endian::little;
  if (zeros[1] == 0 && 10 * zeros[0] >= 7 * pairs) return std::endian::big;
  return std::nullopt;
}

Utf8Text from_utf16(std::string_view bytes, std::endian order) {
  const auto unit = [&](std::size_t i) {
    const auto first = static_cast<unsigned char>(bytes[i]),
               second = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<char32_t>(order == std::endian::little ? first | second << 8 : first << 8 | second);
  };
  Utf8Text result;
  result.bytes.reserve(bytes.size() / 2);
  const std::size_t end = bytes.size() & ~std::size_t{1};
  std::int64_t broken = bytes.size() % 2;
  for (std::size_t i = 0; i < end; i += 2) {
    char32_t c = unit(i);
    if (i == 0 && c == 0xFEFF) continue;
    const bool pair = c >= 0xD800 && c < 0xDC00 && i + 2 < end && unit(i + 2) >> 10 == 0xDC00 >> 10;
    if (pair) {
      c = 0x10000 + ((c & 0x3FF) << 10) + (unit(i + 2) & 0x3FF);
      i += 2;
    } else if (c >= 0xD800 && c < 0xE000) {
      c = 0xFFFD;
      ++broken;
    }
    append_utf8(result.bytes, c);
  }
  result.findings.push_back(encoding_note(Finding::Weight::note, "UTF-16 text, converted to UTF-8"));
  if (broken != 0) {
    result.findings.push_back(encoding_note(Finding::Weight::warning,
                                            counted(broken, "character") + " of the UTF-16 text cut in half",
                                            "the file may be cut off: save it again"));
  }
  return result;
}

Utf8Text from_windows_1252(std::string_view bytes, std::size_t first) {
  Utf8Text result;
  result.bytes.reserve(bytes.size() + bytes.size() / 16);
  std::int64_t converted = 0;
  std::string example;
  for (std::size_t i = 0, bad = first;; bad = i + first_invalid_utf8(bytes.substr(i))) {
    result.bytes += bytes.substr(i, bad - i);
    if (bad == bytes.size()) break;
    const auto byte = static_cast<unsigned char>(bytes[bad]);
    const std::size_t at = result.bytes.size();
    append_utf8(result.bytes, byte < 0xA0 ? kWindows1252[byte - 0x80] : byte);
    if (converted++ == 0) example = result.bytes.substr(at);
    i = bad + 1;
  }
  result.findings.push_back(encoding_note(
      Finding::Weight::note,
      counted(converted, "byte") + " not UTF-8, read as Windows-1252 (Latin-1): the first, at " +
          to_string(place_at(bytes, first)) + ", as " + in_quotes(example),
      "save the file as UTF-8 if letters look wrong"));
  return result;
}

}  // namespace

Utf8Text to_utf8(std::string bytes) {
  if (const auto order = utf16_order(bytes)) return from_utf16(bytes, *order);
  const std::size_t invalid = first_invalid_utf8(bytes);
  Utf8Text result;
  if (invalid == bytes.size()) {
    result.bytes = std::move(bytes);
  } else {
    result = from_windows_1252(bytes, invalid);
  }
  if (result.bytes.starts_with("\xEF\xBB\xBF")) result.begin = 3;
  return result;
}

}  // namespace agon::host
