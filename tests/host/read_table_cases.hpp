// What the tests of read_table share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "host/table/read_table.hpp"
#include "kernels/error.hpp"

namespace agon::test {

/// A table read from text under the name "t.csv".
inline host::TableFile table_file(std::string_view text) {
  return host::parse_table(std::string(text), "t.csv");
}

/// Names and rows: "a,b|1,2|3,4".
inline std::string content_of(const TextTable& table) {
  std::string text;
  for (std::int64_t row = -1; row < table.rows; ++row) {
    for (const TextColumn& column : table.columns) {
      if (&column != &table.columns.front()) text += ',';
      text += row < 0 ? std::string_view(column.name) : column.at(row);
    }
    if (row + 1 < table.rows) text += '|';
  }
  return text;
}
inline std::string content_in(std::string_view text) { return content_of(table_file(text).table); }

/// "note|warning [column]: what" of each finding.
inline std::vector<std::string> findings_of(const host::TableFile& file) {
  std::vector<std::string> lines;
  for (const Finding& finding : file.findings) {
    std::string line = finding.weight == Finding::Weight::note ? "note" : "warning";
    if (!finding.column.empty()) line += " [" + finding.column + ']';
    lines.push_back(line + ": " + finding.what);
  }
  return lines;
}
inline std::vector<std::string> findings_in(std::string_view text) { return findings_of(table_file(text)); }

/// The message of the DataError that reading `text` as "t.csv" throws; empty where it throws none.
inline std::string table_error(std::string_view text) {
  try {
    table_file(text);
    return {};
  } catch (const DataError& error) {
    return error.what();
  }
}

using Lines = std::vector<std::string>;

}  // namespace agon::test
