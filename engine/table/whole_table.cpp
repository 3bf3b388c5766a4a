#include "engine/table/whole_table.hpp"

#include <algorithm>
#include <string>

#include "engine/table/cell_text.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

void require_count(const char* what, std::size_t count, std::int64_t rows, std::size_t each) {
  if (rows < 0 || count != static_cast<std::size_t>(rows) * each)
    throw DataError("the rows drawn have " + std::to_string(count) + " " + what + ", not " +
                    std::to_string(each) + " for each of " + std::to_string(rows) + " rows");
}

}  // namespace

void require_whole(const TextColumn& column, std::int64_t rows) {
  if (std::ssize(column.cells) != rows)
    throw DataError("column " + quoted_text(column.name) + " has " + std::to_string(column.cells.size()) +
                    " cells, the table " + std::to_string(rows) + " rows");
  const auto last = std::ranges::max_element(column.cells);
  if (last != column.cells.end() && *last >= column.spellings.size())
    throw DataError("column " + quoted_text(column.name) + ": a cell is spelling " + std::to_string(*last) +
                    " of " + std::to_string(column.spellings.size()) + " (counted from 0)");
}

void require_whole(const TextTable& table) {
  if (table.rows < 0) throw DataError("a table of " + std::to_string(table.rows) + " rows");
  for (const TextColumn& column : table.columns) require_whole(column, table.rows);
}

void require_possible(const RecordLayout& layout) {
  constexpr std::int64_t kMostLevels = 1 << 16;
  for (const std::int64_t levels : layout.heads)
    if (levels < 2 || levels > kMostLevels)
      throw ConfigurationError("a head of " + std::to_string(levels) + " levels: not between 2 and " +
                               std::to_string(kMostLevels));
  for (const std::int64_t gate : layout.gates)
    if (gate < -1 || gate >= layout.levels())
      throw ConfigurationError("gate " + std::to_string(gate) + " is none of the " +
                               std::to_string(layout.levels()) + " levels");
}

void require_drawn_by(const RecordLayout& layout, const DrawnRows& drawn) {
  require_count("codes", drawn.codes.size(), drawn.rows, layout.heads.size());
  require_count("ranks", drawn.ranks.size(), drawn.rows, layout.gates.size());
  for (std::size_t i = 0; i < drawn.codes.size(); ++i)
    if (drawn.codes[i] >= layout.heads[i % layout.heads.size()])
      throw DataError("row " + std::to_string(i / layout.heads.size() + 1) + " drawn has level " +
                      std::to_string(drawn.codes[i]) + " of a head of " +
                      std::to_string(layout.heads[i % layout.heads.size()]));
  for (const float rank : drawn.ranks)
    if (!(rank >= 0 && rank <= 1)) throw DataError("a row drawn has a rank that is not from 0 to 1");
}

std::int64_t require_scores(const RecordLayout& layout, std::span<const float> scores) {
  require_possible(layout);
  const std::int64_t width = layout.scores();
  if (width == 0) throw ConfigurationError("a layout without heads and numbers has no scores");
  if (std::ssize(scores) % width != 0)
    throw ConfigurationError(std::to_string(scores.size()) + " scores are not whole rows of " +
                             std::to_string(width));
  return std::ssize(scores) / width;
}

}  // namespace agon
