// From distinct spellings and their rows to a schema. Nothing here looks at rows one by one, but the search
// for rows that repeat.
#include <algorithm>
#include <functional>
#include <iterator>
#include <thread>

#include "engine/runtime/thread_pool.hpp"
#include "engine/table/cell_text.hpp"
#include "engine/table/finding_text.hpp"
#include "engine/table/inference.hpp"
#include "engine/table/whole_table.hpp"

namespace agon {
namespace {

using Weight = Finding::Weight;

/// "12", "0.5": no word beside it.
bool is_bare_number(const Level& level) {
  NumberText parts;
  return take_apart(level.text, parts) && parts.before.empty() && parts.after.empty();
}

/// Two capitals, as codes of countries are.
bool is_country_code(const Level& level) {
  return level.text.size() == 2 &&
         std::all_of(level.text.begin(), level.text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// Whether a marker is a level of this column after all: "-" beside "+", NA (Namibia) among codes of
/// countries, "None" among words.
bool is_level_here(std::string_view marker, const std::vector<Level>& present) {
  constexpr std::size_t kManyCodes = 15;
  const auto any = [&](auto&& test) { return std::any_of(present.begin(), present.end(), test); };
  if (marker == "-")
    return any([](const Level& l) {
      return l.text == "+" || l.text == "++" || l.text == "\u00B1" || l.text == "+/-";
    });
  if (marker == "NA")
    return present.size() >= kManyCodes && std::all_of(present.begin(), present.end(), is_country_code);
  const std::string lower = lower_case(marker);
  if (lower == "none" || lower == "nil") return !present.empty() && !any(is_bare_number);
  return false;
}

void merge_same_texts(std::vector<Level>& levels) {
  std::sort(levels.begin(), levels.end(), [](const Level& a, const Level& b) { return a.text < b.text; });
  std::vector<Level> merged;
  for (const Level& level : levels) {
    if (!merged.empty() && merged.back().text == level.text) {
      merged.back().rows += level.rows;
    } else {
      merged.push_back(level);
    }
  }
  std::stable_sort(merged.begin(), merged.end(),
                   [](const Level& a, const Level& b) { return a.rows > b.rows; });
  levels = std::move(merged);
}

/// No value, or one in all rows.
bool infer_constant(const ColumnLevels& levels, ColumnFindings& out) {
  if (levels.present.empty()) {
    out.schema.kind = ColumnKind::constant;
    out.add(Weight::warning, "holds no value in any row", "take the column out, or set ignored = true");
    return true;
  }
  if (levels.present.size() == 1 && levels.absent.empty()) {
    out.schema.kind = ColumnKind::constant;
    out.add(Weight::note, "is " + quoted_text(levels.present[0].text) + " in every row",
            "nothing to do: it is left out of learning and stands in every row drawn");
    return true;
  }
  return false;
}

/// Two levels of anything but dates. A handful of rows may be two measurements.
bool infer_boolean(const ColumnLevels& levels, ColumnFindings& out) {
  constexpr std::int64_t kFewRows = 6;
  if (levels.present.size() != 2 || levels.present_rows < kFewRows) return false;
  if (lower_case(levels.present[0].text) == lower_case(levels.present[1].text)) return false;
  out.schema.kind = ColumnKind::boolean;
  return true;
}

/// What a column's levels may be, before the table's habits are known. The levels themselves are made again
/// when they are: of many columns with a million spellings they are more than should be kept.
struct Guess {
  std::int64_t present_rows = 0;
  NumberVotes numbers;
  MomentGuess moments;
};

Guess guess_column(const TextColumn& column, std::int64_t rows) {
  const ColumnLevels levels = levels_of(column, rows);
  return {levels.present_rows, vote_on_numbers(levels), guess_moments(levels)};
}

/// Large tables' columns side by side.
void for_each_column(const TextTable& table, const std::function<void(std::size_t)>& work) {
  constexpr std::int64_t kManyCells = 1'000'000;
  constexpr std::size_t kMostThreads = 8;
  const std::size_t width = table.columns.size();
  const bool small = table.rows * static_cast<std::int64_t>(width) < kManyCells;
  const std::size_t threads =
      small ? 1
            : std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, std::min(width, kMostThreads));
  ThreadPool(static_cast<int>(threads)).each(static_cast<int>(width), [&](int i) {
    work(static_cast<std::size_t>(i));
  });
}

TableHabits habits_of(const std::vector<Guess>& guesses) {
  TableHabits habits;
  std::int64_t points = 0, commas = 0;
  for (const auto& [present_rows, numbers, moments] : guesses) {
    points += numbers.point > numbers.comma;
    commas += numbers.comma > numbers.point;
    const bool sure = moments.turned.empty() && moments.rows * 20 >= present_rows * 19;
    habits.day_first = habits.day_first || (sure && moments.day_first());
    habits.month_first = habits.month_first || (sure && moments.month_first());
  }
  habits.decimal_point = points > 0;
  habits.decimal_comma = commas > points;
  return habits;
}

ColumnFindings infer_column(const TextColumn& column, std::int64_t rows, const Guess& guess,
                            const TableHabits& habits, std::int64_t rarest, Examples examples) {
  const ColumnLevels levels = levels_of(column, rows);
  ColumnFindings out;
  out.schema.name = column.name;
  out.fewest = examples == Examples::any ? 1 : rarest;
  for (const Level& level : levels.absent) out.schema.missing.emplace_back(level.text);
  const bool known = infer_constant(levels, out) || infer_moments(levels, guess.moments, habits, out) ||
                     infer_boolean(levels, out) || infer_numbers(levels, guess.numbers, habits, out);
  if (!known) infer_words(levels, out);
  add_common_findings(levels, rarest, out);
  return out;
}

}  // namespace

ColumnLevels levels_of(const TextColumn& column, std::int64_t rows) {
  ColumnLevels levels;
  levels.column = &column;
  levels.rows = rows;
  const std::vector<std::int64_t> counts = column.counts();
  levels.present.reserve(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const std::string_view spelling = column.spellings[i], text = trimmed(spelling);
    const auto first = static_cast<std::size_t>(text.data() - spelling.data());
    if (text.size() != spelling.size() && !text.empty() &&
        (spelling.substr(0, first).find_first_not_of(" \t") != spelling.npos ||
         spelling.substr(first + text.size()).find_first_not_of(" \t") != spelling.npos))
      levels.odd_blanks += counts[i];
    (is_missing_marker(text) ? levels.absent : levels.present).push_back({text, counts[i]});
  }
  merge_same_texts(levels.absent);
  const auto restored =
      std::stable_partition(levels.absent.begin(), levels.absent.end(),
                            [&](const Level& l) { return !is_level_here(l.text, levels.present); });
  std::copy(restored, levels.absent.end(), std::back_inserter(levels.present));
  levels.absent.erase(restored, levels.absent.end());
  for (const Level& level : levels.present) levels.present_rows += level.rows;
  return levels;
}

Inferred infer_schema(const TextTable& table, Examples examples) {
  require_whole(table);
  std::vector<Guess> guesses(table.columns.size());
  std::vector<ColumnFindings> columns(table.columns.size());
  for_each_column(table, [&](std::size_t i) { guesses[i] = guess_column(table.columns[i], table.rows); });
  Inferred inferred;
  const TableHabits habits = habits_of(guesses);
  for_each_column(table, [&](std::size_t i) {
    columns[i] =
        infer_column(table.columns[i], table.rows, guesses[i], habits, inferred.schema.rarest, examples);
  });
  add_table_findings(table, inferred.findings);
  for (ColumnFindings& column : columns) {
    inferred.schema.columns.push_back(std::move(column.schema));
    std::move(column.findings.begin(), column.findings.end(), std::back_inserter(inferred.findings));
  }
  std::stable_sort(inferred.findings.begin(), inferred.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.weight > b.weight; });
  return inferred;
}

}  // namespace agon
