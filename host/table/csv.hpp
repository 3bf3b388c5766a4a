// Tables of numbers from and to comma-separated files.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/table/schema.hpp"
#include "host/table/table.hpp"

namespace agon::host {

struct CsvOptions {
  /// Reject a constant column and a table of one row: neither can be standardised. `evaluate` sets it to
  /// false.
  bool for_training = true;
  /// Gets what was left out, converted or mended; may be null.
  std::vector<Finding>* findings = nullptr;
};

/// Reads a table (read_table.hpp) whose cells are numbers: an optional sign ('+' too), digits with an
/// optional point, an optional exponent: not hexadecimal, not nan or inf, no thousands separators, at most
/// 1e300.
///
/// Throws DataError as read_table does, and "<path>:<line>:<column>: <what>" of the first cell that is no
/// number (in the header for a fault of the whole column).
Table read_csv(const std::filesystem::path& path, const CsvOptions& options = {});

/// The same from memory; `name` stands for the path in errors.
Table parse_csv(std::string_view text, std::string_view name, const CsvOptions& options = {});

/// Writes a table piece by piece as text: names first (quoted where needed), then rows with each column's
/// printed_decimals, LF line ends. Nothing is rounded but by printing; "-0" is written "0".
class CsvWriter {
 public:
  /// `sink` gets the text in pieces of up to about 64 KiB; what it throws passes through.
  CsvWriter(std::span<const Column> columns, std::function<void(std::string_view)> sink);

  /// `values`, (n, columns.size()) row-major, finite.
  void write_rows(std::span<const double> values);
  /// Hands the rest to the sink. Must be called last.
  void finish();

 private:
  void append(const Column& column, double value);

  std::vector<Column> columns_;
  std::function<void(std::string_view)> sink_;
  std::string buffer_;
};

/// Writes the whole table; the file appears whole or not at all. For a draw too large to hold, feed a
/// CsvWriter from pieces with an AtomicFile as its sink. Throws Error where it cannot be written (disk full,
/// no permission).
void write_csv(const std::filesystem::path& path, const Table& table);

}  // namespace agon::host
