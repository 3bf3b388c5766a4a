#include "engine/table/text_table.hpp"

#include <algorithm>
#include <utility>

#include "engine/table/cell_text.hpp"
#include "engine/table/spellings.hpp"
#include "engine/table/whole_table.hpp"
#include "kernels/error.hpp"

namespace agon {

std::string_view TextColumn::at(std::int64_t row) const {
  const auto place = static_cast<std::size_t>(row);
  if (row < 0 || place >= cells.size() || cells[place] >= spellings.size())
    throw DataError("column " + quoted_text(name) + ": no row " + std::to_string(row) + " of " +
                    std::to_string(cells.size()) + " (counted from 0)");
  return spellings[cells[place]];
}

std::vector<std::int64_t> TextColumn::counts() const {
  require_whole(*this, std::ssize(cells));
  std::vector<std::int64_t> result(spellings.size());
  for (const std::uint32_t cell : cells) ++result[cell];
  return result;
}

std::int64_t TextTable::find(std::string_view name) const {
  const auto it = std::ranges::find(columns, name, &TextColumn::name);
  return it == columns.end() ? -1 : it - columns.begin();
}

TextTable TextTable::part(std::span<const std::int64_t> which) const {
  require_whole(*this);
  for (const std::int64_t row : which)
    if (row < 0 || row >= rows)
      throw DataError("no row " + std::to_string(row) + " of " + std::to_string(rows) + " (counted from 0)");
  TextTable result;
  result.rows = std::ssize(which);
  result.storage = storage;
  for (const TextColumn& column : columns) {
    TextColumn& some = result.columns.emplace_back(TextColumn{column.name, column.spellings, {}});
    some.cells.reserve(which.size());
    for (const std::int64_t row : which) some.cells.push_back(column.cells[static_cast<std::size_t>(row)]);
  }
  return result;
}

const TextColumn& required_column(const TextTable& table, std::string_view name) {
  const std::int64_t place = table.find(name);
  if (place < 0) throw DataError("the table has no column " + quoted_text(name));
  const TextColumn& column = table.columns[static_cast<std::size_t>(place)];
  require_whole(column, table.rows);
  return column;
}

TextTable make_table(std::vector<NamedCells> columns) {
  const auto kept = std::make_shared<const std::vector<NamedCells>>(std::move(columns));
  TextTable table;
  table.storage.push_back(kept);
  for (const NamedCells& column : *kept) {
    if (&column == &kept->front()) table.rows = std::ssize(column.cells);
    if (std::ssize(column.cells) != table.rows)
      throw DataError("column " + quoted_text(column.name) + " has " + std::to_string(column.cells.size()) +
                      " cells, but the first one " + std::to_string(table.rows));
    const std::vector<std::string_view> views(column.cells.begin(), column.cells.end());
    table.columns.push_back(column_of(column.name, views));
  }
  return table;
}

TextColumn column_of(std::string name, std::span<const std::string_view> cells) {
  TextColumn column{std::move(name), {}, std::vector<std::uint32_t>(cells.size())};
  Spellings spellings;
  spellings.number(cells.data(), 1, column.cells);
  column.spellings = std::move(spellings).take();
  return column;
}

}  // namespace agon
