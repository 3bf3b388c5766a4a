// Fuzz target: any bytes are either a table or one line of a DataError, and a table comes back as it is
// written.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/table/code_point.hpp"
#include "host/table/csv.hpp"
#include "host/table/read_table.hpp"
#include "host/table/text.hpp"
#include "host/table/write_table.hpp"
#include "kernels/error.hpp"

namespace {

using agon::TextColumn;
using agon::TextTable;
using agon::host::Column;
using agon::host::Table;
using agon::host::TableFile;
using agon::host::trimmed;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

std::string written(const Table& table) {
  std::string text;
  agon::host::CsvWriter writer(table.columns, [&text](std::string_view piece) { text += piece; });
  writer.write_rows(table.values);
  writer.finish();
  return text;
}

// Calls `read`; what its DataError says, empty where it throws none.
std::string error_of(const std::function<void()>& read) {
  try {
    read();
    return {};
  } catch (const agon::DataError& error) {
    return error.what();
  }
}

void check_line(const std::string& line) {
  require(line.find('\n') == line.npos && line.size() < 700, "what is told is one short line");
  require(agon::host::first_invalid_utf8(line) == line.size(), "what is told is UTF-8");
}

void check_error(const std::string& error) {
  require(error.starts_with("f.csv:"), "an error starts with the file's name");
  check_line(error);
  if (error.starts_with("f.csv: ")) return;  // of the whole file
  int consumed = 0;
  long long line = 0, column = 0;
  require(std::sscanf(error.c_str(), "f.csv:%lld:%lld: %n", &line, &column, &consumed) == 2 && consumed > 0,
          "an error names line and column");
  require(line >= 1 && column >= 1, "lines and columns are counted from 1");
}

void check_column(const TextColumn& column, std::int64_t rows) {
  require(!column.name.empty() && column.name == trimmed(column.name), "columns have trimmed names");
  require(std::ssize(column.cells) == rows, "every row is complete");
  for (const std::uint32_t cell : column.cells) require(cell < column.spellings.size(), "cells are spelled");
  for (const std::int64_t count : column.counts()) require(count > 0, "every spelling stands in a row");
  std::set<std::string_view> seen;
  for (const std::string_view text : column.spellings) {
    require(agon::host::first_invalid_utf8(text) == text.size(), "cells are UTF-8");
    require(text == trimmed(text), "cells are trimmed");
    require(seen.insert(text).second, "spellings are there once");
  }
}

void check_text(const TableFile& file) {
  const TextTable& table = file.table;
  require(table.rows >= 1 && !table.columns.empty(), "a table has rows and columns");
  std::set<std::string_view> names;
  for (const TextColumn& column : table.columns) {
    check_column(column, table.rows);
    require(names.insert(column.name).second, "names differ");
  }
  for (const auto& finding : file.findings) check_line(finding.what);
  const std::int64_t last = std::ssize(table.columns) - 1;
  agon::host::Place before{0, 0};
  for (std::int64_t row = -1; row < std::min<std::int64_t>(table.rows, 20); ++row) {
    for (const std::int64_t column : {std::int64_t{0}, last}) {
      const agon::host::Place place = file.places.of(row, column);
      require(place.line > before.line || (place.line == before.line && place.column >= before.column),
              "places follow one another");
      before = place;
    }
  }
}

void check_text_round_trip(const TextTable& table) {
  std::string text;
  std::vector<std::string> names;
  for (const TextColumn& column : table.columns) names.push_back(column.name);
  agon::host::TextTableWriter writer(names, [&text](std::string_view piece) { text += piece; });
  writer.write_rows(table);
  writer.finish();
  const TextTable again = agon::host::parse_table(text, "f.csv").table;
  require(again.rows == table.rows && again.columns.size() == table.columns.size(),
          "a table keeps its shape");
  for (std::size_t c = 0; c < names.size(); ++c) {
    require(again.columns[c].name == names[c], "names come back");
    for (std::int64_t row = 0; row < table.rows; ++row) {
      require(again.columns[c].at(row) == table.columns[c].at(row), "cells come back");
    }
  }
}

void check_round_trip(const Table& table) {
  const Table again = agon::host::parse_csv(written(table), "f.csv", {.for_training = false});
  require(again.values.size() == table.values.size(), "a written table keeps its shape");
  for (std::size_t i = 0; i < table.values.size(); ++i) {
    const Column& column = table.columns[i % table.columns.size()];
    require(column.name == again.columns[i % table.columns.size()].name, "names come back");
    const bool as_needed = column.printed_decimals == Column::kAsNeeded;
    const double half_unit = as_needed ? 0 : 0.5 * std::pow(10.0, -column.printed_decimals);
    const double difference = std::abs(again.values[i] - table.values[i]);
    require(difference <= half_unit + (as_needed ? 0 : 3e-16 * std::abs(table.values[i])),
            "values come back");
  }
}

void check_table(const Table& table, bool for_training) {
  require(table.rows >= (for_training ? 2 : 1) && table.width() >= 1, "a table has rows and columns");
  require(table.values.size() == static_cast<std::size_t>(table.rows * table.width()),
          "every row is complete");
  for (const double value : table.values) require(std::isfinite(value), "values are finite");
  for (const Column& column : table.columns) {
    require(!column.name.empty(), "columns have names");
    require(column.minimum <= column.mean && column.mean <= column.maximum, "the mean is within the range");
    require((column.deviation > 0) == (column.minimum < column.maximum),
            "only constant columns have no deviation");
    require(std::isfinite(column.deviation), "deviations are finite");
    require(!for_training || !column.constant(), "nothing constant is trained on");
    require(0 <= column.decimals && column.decimals <= column.printed_decimals &&
                column.printed_decimals <= Column::kAsNeeded,
            "decimals are in range");
  }
  check_round_trip(table);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool for_training = (data[0] & 1) != 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  TableFile file;
  std::string error = error_of([&] { file = agon::host::parse_table(text, "f.csv"); });
  if (!error.empty()) {
    check_error(error);
    return 0;
  }
  check_text(file);
  check_text_round_trip(file.table);
  Table table;
  error = error_of([&] { table = agon::host::parse_csv(text, "f.csv", {.for_training = for_training}); });
  if (error.empty())
    check_table(table, for_training);
  else
    check_error(error);
  return 0;
}
