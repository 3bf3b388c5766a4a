#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <utility>

#include "engine/table/number.hpp"
#include "host/table/csv.hpp"
#include "host/table/findings.hpp"
#include "host/table/read_table.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr std::array<std::string_view, 9> kMissing = {"na",   "n/a",  "nan", "+nan", "-nan",
                                                      "null", "none", ".",   "?"};
constexpr std::array<std::string_view, 6> kInfinite = {"inf",      "+inf",      "-inf",
                                                       "infinity", "+infinity", "-infinity"};

bool one_of(std::string_view text, std::span<const std::string_view> words) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(words, lower) != words.end();
}

NumberStatus status_of_number(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const NumberResult result = parse_number(text.data(), end, number);
  return result.end == end ? result.status : NumberStatus::not_a_number;
}

std::string why_not(const std::string& name, std::string_view text) {
  const std::string what = "column " + in_quotes(name), value = what + " holds " + in_quotes(text);
  Number number;
  if (text.empty()) return what + " has no value here; agon reads complete columns only";
  if (status_of_number(text, number) == NumberStatus::out_of_range) return value + ", out of range (1e300)";
  if (one_of(text, kMissing)) return value + ", a missing value; agon reads complete columns only";
  if (one_of(text, kInfinite)) return value + ", which is not finite";
  return what + " holds text " + in_quotes(text) + "; agon reads numeric columns only";
}

// Numbers of a column's spellings.
struct Numbers {
  std::vector<double> values;
  std::vector<bool> refused;  // spellings that are none; empty where all are
  std::int64_t vanished = 0;  // cells too small for a double
};

Numbers read_numbers(const TextColumn& text, Column& column) {
  Numbers result;
  std::vector<std::int64_t> counts;
  for (std::size_t i = 0; i < text.spellings.size(); ++i) {
    Number number;
    if (status_of_number(text.spellings[i], number) != NumberStatus::number) {
      result.refused.resize(text.spellings.size());
      result.refused[i] = true;
    }
    if (number.vanished) {
      if (counts.empty()) counts = text.counts();
      result.vanished += counts[i];
    }
    if (number.decimals > column.decimals) forget_noise(number);
    column.decimals = std::max(column.decimals, number.decimals);
    column.printed_decimals = std::max(column.printed_decimals, number.printed_decimals);
    result.values.push_back(number.value);
  }
  return result;
}

// Of the first cell in reading order that is no number, where there is one.
void refuse_text(const TableFile& file, std::span<const Numbers> numbers) {
  std::int64_t row = std::numeric_limits<std::int64_t>::max();
  std::size_t column = 0;
  for (std::size_t c = 0; c < numbers.size(); ++c) {
    if (numbers[c].refused.empty()) continue;
    const std::vector<std::uint32_t>& cells = file.table.columns[c].cells;
    const auto bad =
        std::ranges::find_if(cells, [&](std::uint32_t cell) { return numbers[c].refused[cell]; });
    if (bad - cells.begin() >= row) continue;
    row = bad - cells.begin();
    column = c;
  }
  if (row == std::numeric_limits<std::int64_t>::max()) return;
  const TextColumn& text = file.table.columns[column];
  throw DataError(file.places.at(row, static_cast<std::int64_t>(column)) + ": " +
                  why_not(text.name, text.at(row)));
}

void refuse_constants(const TableFile& file, std::span<const Column> columns) {
  if (file.table.rows == 1) {
    throw DataError(file.places.at(0, 0) + ": the only row; training needs two or more");
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (!columns[c].constant()) continue;
    throw DataError(file.places.at(-1, static_cast<std::int64_t>(c)) + ": column " +
                    in_quotes(columns[c].name) + " is constant, so nothing can be learned from it; drop it");
  }
}

Table numbers_of(const TableFile& file, const CsvOptions& options) {
  Table table;
  table.rows = file.table.rows;
  std::vector<Numbers> numbers;
  for (const TextColumn& text : file.table.columns) {
    table.columns.push_back({.name = text.name});
    numbers.push_back(read_numbers(text, table.columns.back()));
    if (numbers.back().vanished == 0 || !options.findings) continue;
    options.findings->push_back(
        note_of(counted(numbers.back().vanished, "number") + " too small for double precision, read as 0",
                text.name));
  }
  if (options.findings) {
    options.findings->insert(options.findings->end(), file.findings.begin(), file.findings.end());
  }
  refuse_text(file, numbers);
  table.values.reserve(static_cast<std::size_t>(table.rows) * table.columns.size());
  for (std::size_t row = 0; row < static_cast<std::size_t>(table.rows); ++row) {
    for (std::size_t c = 0; c < numbers.size(); ++c) {
      table.values.push_back(numbers[c].values[file.table.columns[c].cells[row]]);
    }
  }
  compute_statistics(table.values, table.columns);
  if (options.for_training) refuse_constants(file, table.columns);
  return table;
}

}  // namespace

Table parse_csv(std::string_view text, std::string_view name, const CsvOptions& options) {
  return numbers_of(parse_table(std::string(text), name), options);
}

Table read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  return numbers_of(read_table(path.string()), options);
}

}  // namespace agon::host
