// What any column, and the table itself, may have to be told of.
#include <algorithm>

#include "engine/table/finding_text.hpp"
#include "engine/table/inference.hpp"

namespace agon {
namespace {

using Weight = Finding::Weight;

void add_rare_levels(const ColumnLevels& levels, std::int64_t rarest, ColumnFindings& out) {
  const ColumnKind kind = out.schema.kind;
  if (kind != ColumnKind::category && kind != ColumnKind::boolean && kind != ColumnKind::code) return;
  std::int64_t rare = 0, rows = 0;
  for (const Level& level : levels.present) {
    if (level.rows >= rarest) continue;
    ++rare;
    rows += level.rows;
  }
  if (rare == 0) return;
  const bool lost = kind == ColumnKind::boolean, many = rows * 5 > levels.rows;
  const std::string fewer = "fewer than " + std::to_string(rarest) + " rows";
  out.add(lost || many ? Weight::warning : Weight::note,
          lost ? "one of its two values has " + fewer + " (" + percent_text(rows, levels.rows) +
                     "): it is not drawn"
               : std::to_string(rare) + (rare == 1 ? " level has " : " levels have ") + fewer +
                     (rare == 1 ? " (" : " each (") + share_text(rows, levels.rows) +
                     (rare == 1 ? ")" : " in all)") + ": pooled, since a rare level is a person",
          "set keep_rare = true to learn " + std::string(lost || rare == 1 ? "it" : "them"));
}

/// Rows that equal an earlier row, by 64-bit sums of their cells.
std::int64_t repeated_rows(const TextTable& table) {
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(table.rows), 0);
  for (const TextColumn& column : table.columns) {
    for (std::size_t row = 0; row < sums.size(); ++row) {
      // SplitMix64's finaliser (Steele, Lea and Flood, 2014) over the row so far and the cell.
      std::uint64_t z = sums[row] * 0x9E3779B97F4A7C15u + column.cells[row] + 1;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
      sums[row] = z ^ (z >> 31);
    }
  }
  std::sort(sums.begin(), sums.end());
  const auto distinct = std::unique(sums.begin(), sums.end()) - sums.begin();
  return table.rows - distinct;
}

}  // namespace

void add_common_findings(const ColumnLevels& levels, std::int64_t rarest, ColumnFindings& out) {
  std::vector<std::string_view> markers;
  std::int64_t marked = 0;
  for (const Level& level : levels.absent) {
    if (level.text.empty()) continue;
    markers.push_back(level.text);
    marked += level.rows;
  }
  if (marked > 0 && levels.present_rows > 0)
    out.add(Weight::note,
            "read as no value in " + share_text(marked, levels.rows) + ": " + examples_text(markers),
            "nothing to do, or take them out of missing if they are levels");
  if (levels.present_rows > 0 && levels.absent_rows() * 2 > levels.rows)
    out.add(Weight::note, "no value in " + share_text(levels.absent_rows(), levels.rows),
            "nothing to do: a hole is a level of its own");
  if (levels.odd_blanks > 0)
    out.add(Weight::note,
            "a no-break space (U+00A0 or alike) at an end of the cell in " + rows_text(levels.odd_blanks),
            out.schema.is_number() || out.schema.is_moment() ? "nothing to do: read without it"
                                                             : "take it out, or it makes a level of its own");
  add_rare_levels(levels, rarest, out);
}

void add_table_findings(const TextTable& table, std::vector<Finding>& findings) {
  constexpr std::int64_t kFewRows = 200;
  if (table.rows < kFewRows)
    findings.push_back(
        {Weight::note, "",
         "only " + rows_text(table.rows) + ": little can be learnt without learning single records",
         "judge what is drawn with care, and by held-out rows"});
  const std::int64_t repeated = table.columns.empty() ? 0 : repeated_rows(table);
  if (repeated > 0)
    findings.push_back(
        {Weight::note, "",
         share_text(repeated, table.rows) + (repeated == 1 ? " repeats" : " repeat") + " an earlier row",
         "nothing to do if different people share them; else take them out"});
}

}  // namespace agon
