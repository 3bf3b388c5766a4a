#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "engine/table/number.hpp"
#include "host/table/code_point.hpp"
#include "host/table/findings.hpp"
#include "host/table/source.hpp"
#include "host/table/text.hpp"
#include "host/table/tidy.hpp"

namespace agon::host {
namespace {

bool without_values(const TextColumn& column) { return std::ranges::all_of(column.spellings, all_blank); }

bool no_name(const TextColumn& column) { return all_blank(column.name); }

// Whether the rows are numbered from 0 or 1.
bool numbers_rows(const TextColumn& column) {
  std::int64_t next = 0;
  for (std::size_t row = 0; row < column.cells.size(); ++row, ++next) {
    const std::string_view text = trimmed(column.at(static_cast<std::int64_t>(row)));
    std::int64_t number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return false;
    if (row == 0 && number == 1) next = 1;
    if (number != next) return false;
  }
  return true;
}

bool is_number(std::string_view text) {
  Number number;
  const char* const end = text.data() + text.size();
  const NumberResult result = parse_number(text.data(), end, number);
  return result.status == NumberStatus::number && result.end == end;
}

// By the first of its spellings.
bool holds_numbers(const TextColumn& column) {
  constexpr std::size_t kEnough = 20;
  const auto spellings = std::span(column.spellings).first(std::min(column.spellings.size(), kEnough));
  const auto filled = [](std::string_view text) { return !text.empty(); };
  const auto values = std::ranges::count_if(spellings, filled),
             numbers = std::ranges::count_if(spellings, is_number);
  return 2 * numbers > values;
}

void name_columns(TextTable& table, std::span<const std::size_t> kept, std::vector<Finding>& findings) {
  std::int64_t trimmed_names = 0;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    std::string& name = table.columns[c].name;
    if (!all_blank(name)) {
      const std::string_view text = trimmed(name);
      trimmed_names += text.size() != name.size();
      name = std::string(text);
      continue;
    }
    name = "column " + std::to_string(kept[c] + 1);
    findings.push_back(warning_of("has no name in the header", name, "name it there"));
  }
  if (trimmed_names != 0) {
    findings.push_back(note_of("blanks around " + counted(trimmed_names, "column name") + ", taken away"));
  }
}

}  // namespace

std::vector<std::size_t> tidy_columns(TextTable& table, bool row_names, std::vector<Finding>& findings) {
  std::vector<TextColumn>& columns = table.columns;
  std::vector<std::size_t> kept;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (!no_name(columns[c]) || !without_values(columns[c])) kept.push_back(c);
  }
  if (kept.empty()) kept.push_back(0);
  if (const auto empty = std::ssize(columns) - std::ssize(kept); empty != 0) {
    findings.push_back(
        note_of(counted(empty, "column") +
                " without a name or a value left out (a separator at the end of the header?)"));
  }
  while (kept.size() > 1 && table.rows > 0) {
    const TextColumn& first = columns[kept.front()];
    if (!(no_name(first) || trimmed(first.name).starts_with("Unnamed: 0")) || !numbers_rows(first)) break;
    findings.push_back(note_of("the first column numbers the rows, from " +
                               std::string(trimmed(first.at(0))) +
                               (no_name(first) ? "" : " (" + in_quotes(first.name) + ')') + ": left out"));
    kept.erase(kept.begin());
  }
  if (row_names && kept.front() == 0) {
    columns.front().name = "row.names";
    findings.push_back(warning_of(
        "the header has one name less than rows have fields, as R writes it: the first fields are row names",
        "row.names", "if they are not, name the column that has no name"));
  }
  std::vector<TextColumn> left;
  for (const std::size_t c : kept) left.push_back(std::move(columns[c]));
  columns = std::move(left);
  name_columns(table, kept, findings);
  return kept;
}

void check_header(const TextTable& table, std::vector<Finding>& findings) {
  const auto numbers_under_a_number = [](const TextColumn& column) {
    return is_number(column.name) && holds_numbers(column);
  };
  if (!std::ranges::all_of(table.columns, numbers_under_a_number)) return;
  findings.push_back(warning_of("the header is all numbers, " + in_quotes(table.columns.front().name) +
                                    " and so on: a record in the place of the names?",
                                {}, "put a line with the columns' names on top"));
}

}  // namespace agon::host
