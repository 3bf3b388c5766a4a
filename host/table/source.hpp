// The text of a table's file, and the places in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace agon::host {

/// A physical line and the byte in it, both counted from 1. Lines end in LF, CRLF or CR.
struct Place {
  std::int64_t line = 1, column = 1;

  friend bool operator==(const Place&, const Place&) = default;
};

Place place_at(std::string_view text, std::size_t offset);

/// UTF-8 without a byte order mark. Copies share the text.
struct Source {
  std::string name;  ///< stands for the file in errors
  std::shared_ptr<const std::string> bytes;
  std::size_t begin = 0;  ///< of the text in `bytes`: behind the byte order mark

  /// A NUL byte stands behind it, and none in it.
  std::string_view text() const { return std::string_view(*bytes).substr(begin); }
  /// "<name>:<line>:<column>" of the text's byte `offset`.
  std::string at(std::size_t offset) const;
  /// Throws DataError "<name>:<line>:<column>: <what>".
  [[noreturn]] void fail(std::size_t offset, std::string_view what) const;
};

/// "<line>:<column>".
std::string to_string(Place place);
/// "1 row", "2 rows".
std::string counted(std::int64_t count, std::string_view noun);

}  // namespace agon::host
