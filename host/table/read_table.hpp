// Tables of text from files: any of the forms that programs write "CSV" in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"
#include "host/table/dialect.hpp"
#include "host/table/source.hpp"

namespace agon::host {

/// Where a table's cells stand in its file, for errors that are found later. Reads the text again at every
/// call.
struct CellPlaces {
  Source source;
  Dialect dialect;
  std::vector<std::size_t> fields;  ///< of a row: of each of the table's columns

  /// Of a cell, by row and column of the table; row -1: of the column's name. In bytes of the text as UTF-8,
  /// the byte order mark not counted.
  Place of(std::int64_t row, std::int64_t column) const;
  /// "<name>:<line>:<column>".
  std::string at(std::int64_t row, std::int64_t column) const;
};

struct TableFile {
  TextTable table;                ///< at least one row and one column; names differ, and none is empty
  std::vector<Finding> findings;  ///< all that was left out, converted or mended
  CellPlaces places;
};

/// Reads a file, a pipe or, for "-", standard input: records separated by commas, semicolons, tabs or bars
/// (told by the first records or a line "sep=;"), in UTF-8, UTF-16 or Windows-1252, gzip-compressed or not.
/// The first record names the columns. Cells are trimmed; blank lines, unnamed row numbers and separators at
/// the ends of lines are left out.
///
/// Throws DataError, one line "<path>:<line>:<column>: <what>" or "<path>: <what>": for a file that cannot be
/// read or is no text (it says what it is), a NUL byte, quotes that break RFC 4180, rows of the wrong length
/// (the first five and how many more), columns of the same name, and a table without rows.
TableFile read_table(const std::string& path);

/// The same from memory; `name` stands for the path in errors.
TableFile parse_table(std::string bytes, std::string_view name);

}  // namespace agon::host
