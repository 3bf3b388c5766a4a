// A table's header and rows out of a file's records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/table/schema.hpp"
#include "host/table/dialect.hpp"
#include "host/table/records.hpp"
#include "host/table/source.hpp"

namespace agon::host {

/// Limit of the reader; beyond it is a DataError.
inline constexpr std::size_t kMostColumns = 1 << 16;

/// Knows what is a row: records of nothing but separators and blanks are not, and what a row has too many
/// counts only where it is not blank. A header that is one field shorter than every row is R's: the rows'
/// first fields are their names. Rows of the wrong length are left out and told all at once.
class RowReader {
 public:
  /// Reads the header. Throws DataError where there is none, or more than kMostColumns.
  RowReader(const Source& source, const Dialect& dialect, TextArena& arena);

  const std::vector<std::string_view>& header() const { return header_; }
  std::size_t header_begin() const { return header_begin_; }
  /// Fields of a row: those of the header, and the row's name where rows have one.
  std::size_t width() const { return header_.size() + (row_names_ ? 1 : 0); }
  bool row_names() const { return row_names_; }

  /// Appends the width() fields of the next row; false where there is none.
  bool next(std::vector<std::string_view>& fields);
  /// Of the whole file, a little too many, by the `read` ones so far.
  std::size_t expected_rows(std::size_t read) const;
  /// Where the row last read begins, and a field of it or of the header.
  std::size_t row_begin() const { return records_.begin(); }
  std::size_t begin_of_field(std::size_t field) { return records_.begin_of_field(field); }
  std::size_t begin_of_name(std::size_t field);

  /// To be called behind the last row: throws one DataError of all rows of the wrong length, and adds what
  /// was left out to `findings`.
  void report(std::vector<Finding>& findings) const;

 private:
  struct Ragged {
    std::size_t offset, fields;
    bool too_many;
  };

  void read_header();
  void find_row_names();
  bool fits(std::vector<std::string_view>& fields, std::size_t begin);
  void add_ragged(std::size_t fields, bool too_many);
  [[noreturn]] void refuse_ragged() const;

  const Source& source_;
  Dialect dialect_;
  TextArena& arena_;
  Records records_;
  std::vector<std::string_view> header_;
  std::size_t header_begin_ = 0;
  std::size_t named_ = 0;  // fields of the header up to the last that has a name
  bool row_names_ = false;

  std::int64_t blank_lines_ = 0, longer_rows_ = 0, ragged_rows_ = 0;
  std::size_t first_blank_ = 0, first_longer_ = 0;
  std::vector<Ragged> ragged_;  // the first of them
};

}  // namespace agon::host
