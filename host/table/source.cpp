#include "host/table/source.hpp"

#include <algorithm>

#include "kernels/error.hpp"

namespace agon::host {

Place place_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  std::int64_t line = 1 + std::ranges::count(before, '\n');
  for (std::size_t i = before.find('\r'); i != before.npos; i = before.find('\r', i + 1)) {
    line += i + 1 == text.size() || text[i + 1] != '\n';
  }
  std::size_t line_end = before.find_last_of("\r\n");
  // Between the two bytes of a CRLF the line has not ended yet.
  if (line_end != before.npos && text.substr(line_end).starts_with("\r\n") && line_end + 1 == offset) {
    line_end = line_end == 0 ? before.npos : before.find_last_of("\r\n", line_end - 1);
  }
  const std::size_t line_begin = line_end == before.npos ? 0 : line_end + 1;
  return {line, static_cast<std::int64_t>(offset - line_begin + 1)};
}

std::string Source::at(std::size_t offset) const { return name + ':' + to_string(place_at(text(), offset)); }

void Source::fail(std::size_t offset, std::string_view what) const {
  throw DataError(at(offset) + ": " + std::string(what));
}

std::string to_string(Place place) { return std::to_string(place.line) + ':' + std::to_string(place.column); }

std::string counted(std::int64_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace agon::host
