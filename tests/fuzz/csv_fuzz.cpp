// Fuzz target: any bytes are either a table or one line of a DataError, however they are cut.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "host/table/csv_parser.hpp"
#include "kernels/error.hpp"

namespace {

using agon::host::Column;
using agon::host::CsvParser;
using agon::host::Table;

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

struct Outcome {
  Table table;
  std::string error;
};

// Feeds `text` in pieces of `piece` bytes; 0: in one.
Outcome read(std::string_view text, std::size_t piece, bool for_training) {
  CsvParser parser("f.csv", {.for_training = for_training});
  Outcome outcome;
  try {
    std::string held;
    for (std::size_t at = 0; piece != 0 && at < text.size(); at += piece) {
      held += text.substr(at, piece);
      held.erase(0, parser.feed(held, false));
    }
    if (piece == 0) held = text;
    parser.feed(held, true);
    outcome.table = std::move(parser).finish();
  } catch (const agon::DataError& error) {
    outcome.error = error.what();
  }
  return outcome;
}

void check_error(const std::string& error) {
  require(error.starts_with("f.csv:"), "an error starts with the file's name");
  require(error.find('\n') == error.npos, "an error is one line");
  require(error.size() < 600, "an error is short");
  int consumed = 0;
  long long line = 0, column = 0;
  require(std::sscanf(error.c_str(), "f.csv:%lld:%lld: %n", &line, &column, &consumed) == 2 && consumed > 0,
          "an error names line and column");
  require(line >= 1 && column >= 1, "lines and columns are counted from 1");
}

void check_round_trip(const Table& table) {
  const Outcome again = read(written(table), 0, false);
  require(again.error.empty(), "what was written can be read");
  require(again.table.values.size() == table.values.size(), "a written table keeps its shape");
  for (std::size_t i = 0; i < table.values.size(); ++i) {
    const Column& column = table.columns[i % table.columns.size()];
    require(column.name == again.table.columns[i % table.columns.size()].name, "names come back");
    const bool as_needed = column.printed_decimals == Column::kAsNeeded;
    const double half_unit = as_needed ? 0 : 0.5 * std::pow(10.0, -column.printed_decimals);
    const double difference = std::abs(again.table.values[i] - table.values[i]);
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
  const std::size_t piece = data[0] % 16;
  const bool for_training = (data[0] & 16) != 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(text, 0, for_training), cut = read(text, piece, for_training);
  require(whole.error == cut.error, "errors do not depend on the cut");
  require(whole.table.columns == cut.table.columns && whole.table.values == cut.table.values,
          "tables do not depend on the cut");
  if (whole.error.empty())
    check_table(whole.table, for_training);
  else
    check_error(whole.error);
  return 0;
}
