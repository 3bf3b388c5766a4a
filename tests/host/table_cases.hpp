// What several tests of tables share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "host/table/csv.hpp"
#include "kernels/error.hpp"

namespace agon::test {

/// A table read from text under the name "t.csv", constant columns and single rows allowed.
inline host::Table lenient(std::string_view text) {
  return host::parse_csv(text, "t.csv", {.for_training = false});
}

/// The message of the DataError that reading `text` as "t.csv" throws; empty where it throws none.
inline std::string error_of(std::string_view text, const host::CsvOptions& options = {}) {
  try {
    host::parse_csv(text, "t.csv", options);
    return {};
  } catch (const DataError& error) {
    return error.what();
  }
}

inline std::string written(const host::Table& table) {
  std::string text;
  host::CsvWriter writer(table.columns, [&text](std::string_view piece) { text += piece; });
  writer.write_rows(table.values);
  writer.finish();
  return text;
}

inline std::vector<std::string> names_of(const host::Table& table) {
  std::vector<std::string> names;
  for (const host::Column& column : table.columns) names.push_back(column.name);
  return names;
}

}  // namespace agon::test
