// Tables for tests, put together in memory.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/table/schema.hpp"

namespace agon::test {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

/// Whether a text has this part; shows the text where it has not.
inline testing::AssertionResult has(std::string_view text, std::string_view part) {
  if (text.find(part) != text.npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "'" << part << "' is not in: " << text;
}

/// `rows` cells, each from its row's number.
inline std::vector<std::string> cells_of(int rows, const std::function<std::string(int)>& cell) {
  std::vector<std::string> cells;
  for (int row = 0; row < rows; ++row) cells.push_back(cell(row));
  return cells;
}

/// A number below `below` that looks like chance (Knuth's multiplier), the same in each run.
inline int scrambled(int row, int below) {
  return static_cast<int>((static_cast<std::uint32_t>(row + 1) * 2654435761u >> 8) %
                          static_cast<std::uint32_t>(below));
}

/// A table of one column, what is inferred of it, and its findings.
struct OneColumn {
  TextTable table;
  Inferred inferred;

  explicit OneColumn(std::vector<std::string> cells, std::string name = "x")
      : table(make_table({{std::move(name), std::move(cells)}})), inferred(infer_schema(table)) {}
  const ColumnSchema& schema() const { return inferred.schema.columns[0]; }
  /// Of the column, one a line: "warning: what -> remedy".
  std::string findings() const {
    constexpr const char* kWeights[] = {"note", "warning", "error"};
    std::string text;
    for (const Finding& finding : inferred.findings)
      if (!finding.column.empty())
        text += std::string(kWeights[static_cast<int>(finding.weight)]) + ": " + finding.what + " -> " +
                finding.remedy + "\n";
    return text;
  }
};

}  // namespace agon::test
