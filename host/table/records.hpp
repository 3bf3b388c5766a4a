// Comma-separated text as records of fields: the grammar of RFC 4180.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/table/text_arena.hpp"
#include "host/table/source.hpp"

namespace agon::host {

/// Limit of the reader; beyond it is a DataError: a quote that is never closed.
inline constexpr std::ptrdiff_t kLongestField = 1 << 20;  ///< bytes of one field, quotes not counted

/// Reads a source from an offset on, record by record. Records end in LF, CRLF or CR, the last with or
/// without. A field is in quotes where its first character that is no space or tab is one; "" in it is a
/// quote, and spaces and tabs around the quotes do not count. Both `source` and `arena` must outlive the
/// fields.
class Records {
 public:
  Records(const Source& source, char separator, std::size_t begin, TextArena& arena);

  /// Appends the fields of the next record; false where there is none. Fields are without their quotes, but
  /// not trimmed; what has doubled quotes is kept in the arena. Throws DataError where one breaks the grammar
  /// or is longer than kLongestField.
  bool next(std::vector<std::string_view>& fields);

  /// Of the record last read: where it begins and ends (its line end not counted), and whether one of its
  /// fields was in quotes.
  std::size_t begin() const { return static_cast<std::size_t>(begin_ - text_.data()); }
  std::size_t end() const { return static_cast<std::size_t>(end_ - text_.data()); }
  bool quoted() const { return quoted_; }
  /// Where its field begins; end() where it has fewer.
  std::size_t begin_of_field(std::size_t field);

 private:
  void look_at(const char* block);
  const char* next_special(const char* from);
  std::string_view read_field(const char*& cursor);
  std::string_view read_quoted(const char*& cursor, const char* quote);
  const char* closing_quote(const char* begin, const char* from) const;
  [[noreturn]] void fail(const char* position, std::string_view what) const;

  const Source& source_;
  std::string_view text_;
  char separator_;
  TextArena& arena_;
  const char* cursor_;
  const char* begin_;
  const char* end_;
  bool quoted_ = false;

  // A field without quotes ends at a separator, a line end, a quote or the text's end: the special bytes. Bit
  // i tells of byte i of the block that was looked at last.
  static constexpr std::ptrdiff_t kBlock = 64;
  const char* block_;
  std::uint64_t special_ = 0;
};

}  // namespace agon::host
