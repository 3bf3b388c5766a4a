// Comma-separated text, field by field, with the place of each: the grammar of RFC 4180.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/table/number.hpp"

namespace agon::host {

/// A physical line and the byte in it, both counted from 1.
struct Place {
  std::int64_t line = 1, column = 1;
};

/// Reads a window of text that may end anywhere. Where more text is needed to decide, NeedMore is thrown and
/// the caller goes back to a mark, always at the start of a line. Nothing depends on how the text is cut into
/// windows.
class CsvFields {
 public:
  struct NeedMore {};
  struct Mark {
    const char* position = nullptr;
    std::int64_t line = 1;
  };

  /// `name` stands for the file in errors.
  explicit CsvFields(std::string name) : name_(std::move(name)) {}

  /// `text` starts where the last window was marked and must outlive its fields; `last`: nothing comes after
  /// it.
  void open(std::string_view text, bool last);
  bool exhausted() const { return cursor_ == end_; }
  Place here() const { return {line_, cursor_ - line_begin_ + 1}; }
  Mark mark() const { return {cursor_, line_}; }
  void return_to(Mark mark);

  /// To be called once, at the start of the file. Throws DataError on UTF-16.
  void skip_byte_order_mark();
  /// True and past it where the cursor is at a line end.
  bool skip_blank_line();

  /// The next field without its quotes, valid until the next call. The cursor is then at a comma, a line end
  /// or the end of all text. Throws DataError where the field breaks the grammar or is longer than
  /// kLongestField.
  std::string_view next_field();
  /// The same for a field that is a number and not quoted. False, without having moved, where it is not.
  bool next_number(Number& number);
  /// After a field: past the comma and true where another follows in the record.
  bool next_in_record();
  /// After a record's last field.
  void end_record();

  /// Throws DataError "<name>:<line>:<column>: <what>".
  [[noreturn]] void fail(Place place, std::string_view what) const;

 private:
  std::string_view plain_field();
  std::string_view quoted_field();
  const char* closing_quote(const char* begin, const char* from, Place place);
  void require_separator(Place place);
  void require_line_end();
  void count_lines(const char* begin, const char* end);

  std::string name_;
  const char* cursor_ = nullptr;
  const char* end_ = nullptr;
  const char* line_begin_ = nullptr;
  std::int64_t line_ = 1;
  bool last_ = false;
  std::string unquoted_;  // the text of a field with doubled quotes
};

}  // namespace agon::host
