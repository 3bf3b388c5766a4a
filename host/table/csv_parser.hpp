// The reader's machine: text in pieces of any size in, a table or a DataError out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/table/csv.hpp"
#include "host/table/csv_fields.hpp"

namespace agon::host {

class CsvParser {
 public:
  /// `name` stands for the file in errors.
  CsvParser(std::string name, const CsvOptions& options) : fields_(std::move(name)), options_(options) {}

  /// Consumes the complete records at the start of `text` and returns their length in bytes; the caller gives
  /// the rest again, with more behind it. `last`: nothing comes after `text`; all of it is consumed. The
  /// table and every error are the same however the text is cut. Throws DataError.
  std::size_t feed(std::string_view text, bool last);

  /// After feed(…, true). Throws DataError where there is no row or a column cannot be used.
  Table finish() &&;

  /// A hint: makes room for about `rows` rows in all.
  void expect_rows(std::int64_t rows) { table_.values.reserve(rows * table_.columns.size()); }
  std::int64_t rows() const { return table_.rows; }

 private:
  enum class Stage : std::uint8_t { start, header, rows };

  void parse_record();
  void parse_header();
  void add_name(std::string_view name, Place place);
  void check_delimiter() const;
  void parse_row();
  Number parse_value(std::size_t column);
  [[noreturn]] void reject_value(std::size_t column, std::string_view text, Place place,
                                 bool out_of_range) const;
  void undo_record();

  CsvFields fields_;
  CsvOptions options_;
  Stage stage_ = Stage::start;
  Table table_;
  std::unordered_map<std::string, std::size_t> numbers_;  // of the columns, from 1
  std::vector<Place> header_places_;
  Place row_place_;              // of the last row
  std::int64_t blank_line_ = 0;  // the first blank line after the last row; 0: none
};

}  // namespace agon::host
