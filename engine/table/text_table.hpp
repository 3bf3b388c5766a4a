// A table as its file spells it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace agon {

/// A column's distinct spellings, and which of them each row has.
struct TextColumn {
  std::string name;
  std::vector<std::string_view> spellings;  ///< UTF-8, each once; some may stand in no row
  std::vector<std::uint32_t> cells;         ///< (rows): indices into spellings

  /// Throws DataError where there is no such row.
  std::string_view at(std::int64_t row) const;
  /// Rows that have each spelling. Throws DataError where a cell names none.
  std::vector<std::int64_t> counts() const;
};

struct TextTable {
  std::vector<TextColumn> columns;
  std::int64_t rows = 0;
  std::vector<std::shared_ptr<const void>> storage;  ///< keeps what the spellings point into

  /// Index of the column of that name, -1 where there is none.
  std::int64_t find(std::string_view name) const;
  /// These rows, in this order, of the same spellings. Throws DataError where there is no such row.
  TextTable part(std::span<const std::int64_t> which) const;
};

/// The column of that name, with a cell for each row. Throws DataError where there is none.
const TextColumn& required_column(const TextTable& table, std::string_view name);

/// A column's name, and a cell for each row.
struct NamedCells {
  std::string name;
  std::vector<std::string> cells;
};
/// A table that keeps its cells. Throws DataError where columns are not of one length.
TextTable make_table(std::vector<NamedCells> columns);

/// Makes a column of a table that is put together in memory: finds each cell's spelling. The cells' text must
/// outlive the table.
TextColumn column_of(std::string name, std::span<const std::string_view> cells);

}  // namespace agon
