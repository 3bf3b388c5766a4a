#include "host/table/csv_parser.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool one_of(std::string_view text, std::span<const std::string_view> words) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(words, lower) != words.end();
}

constexpr std::array<std::string_view, 9> kMissing = {"na",   "n/a",  "nan", "+nan", "-nan",
                                                      "null", "none", ".",   "?"};
constexpr std::array<std::string_view, 6> kInfinite = {"inf",      "+inf",      "-inf",
                                                       "infinity", "+infinity", "-infinity"};

}  // namespace

std::size_t CsvParser::feed(std::string_view text, bool last) {
  fields_.open(text, last);
  CsvFields::Mark mark = fields_.mark();
  try {
    if (stage_ == Stage::start) {
      fields_.skip_byte_order_mark();
      stage_ = Stage::header;
    }
    for (mark = fields_.mark(); !fields_.exhausted(); mark = fields_.mark()) parse_record();
  } catch (const CsvFields::NeedMore&) {
    fields_.return_to(mark);
    undo_record();
  }
  return mark.position - text.data();
}

// Forgets what was read of a record that the window did not hold whole.
void CsvParser::undo_record() {
  table_.values.resize(table_.rows * table_.columns.size());
  if (stage_ == Stage::rows) return;
  table_.columns.clear();
  numbers_.clear();
  header_places_.clear();
}

void CsvParser::parse_record() {
  const Place place = fields_.here();
  if (fields_.skip_blank_line()) {
    if (stage_ == Stage::header) fields_.fail(place, "blank line where the column names should be");
    if (blank_line_ == 0) blank_line_ = place.line;
    return;
  }
  if (blank_line_ != 0) fields_.fail({blank_line_, 1}, "blank line between rows");
  if (stage_ == Stage::header) return parse_header();
  parse_row();
}

void CsvParser::parse_header() {
  do {
    const Place place = fields_.here();
    add_name(fields_.next_field(), place);
  } while (fields_.next_in_record());
  check_delimiter();
  fields_.end_record();
  stage_ = Stage::rows;
}

void CsvParser::add_name(std::string_view name, Place place) {
  const std::size_t number = table_.columns.size() + 1;
  if (number > kMostColumns) fields_.fail(place, "more than " + counted(kMostColumns, "column"));
  if (without_blanks(name).empty()) fields_.fail(place, "column " + std::to_string(number) + " has no name");
  if (name.find('\0') != name.npos) {
    fields_.fail(place, "the column name " + in_quotes(name) + " holds a NUL byte");
  }
  if (first_invalid_utf8(name) != name.size()) {
    fields_.fail(place, "the column name " + in_quotes(name) + " is not UTF-8");
  }
  const auto [it, fresh] = numbers_.emplace(name, number);
  if (!fresh) {
    fields_.fail(place, "columns " + std::to_string(it->second) + " and " + std::to_string(number) +
                            " are both named " + in_quotes(name));
  }
  table_.columns.push_back({.name = std::string(name)});
  header_places_.push_back(place);
}

void CsvParser::check_delimiter() const {
  if (table_.columns.size() != 1) return;
  const std::string& name = table_.columns.front().name;
  const char* const other = name.find(';') != name.npos    ? "semicolons"
                            : name.find('\t') != name.npos ? "tabs"
                                                           : nullptr;
  if (!other) return;
  fields_.fail(header_places_.front(),
               std::string("columns separated by ") + other + "; agon reads comma-separated files");
}

void CsvParser::parse_row() {
  const std::size_t width = table_.columns.size();
  const Place row_place = fields_.here();
  std::size_t column = 0;
  do {
    if (column == width) {
      fields_.fail(fields_.here(), "the row goes on after " + counted(width, "field") +
                                       "; the header names " + counted(width, "column"));
    }
    Number number = parse_value(column);
    Column& precision = table_.columns[column++];
    if (number.decimals > precision.decimals) forget_noise(number);
    precision.decimals = std::max(precision.decimals, number.decimals);
    precision.printed_decimals = std::max(precision.printed_decimals, number.printed_decimals);
    table_.values.push_back(number.value);
  } while (fields_.next_in_record());
  if (column != width) {
    fields_.fail(fields_.here(), "the row ends after " + counted(column, "field") + "; the header names " +
                                     counted(width, "column"));
  }
  fields_.end_record();
  row_place_ = row_place;
  ++table_.rows;
}

Number CsvParser::parse_value(std::size_t column) {
  Number number;
  if (fields_.next_number(number)) return number;
  const Place place = fields_.here();
  const std::string_view text = fields_.next_field();
  const auto [end, status] = parse_number(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || status != NumberStatus::number) {
    reject_value(column, text, place,
                 status == NumberStatus::out_of_range && end == text.data() + text.size());
  }
  return number;
}

void CsvParser::reject_value(std::size_t column, std::string_view text, Place place,
                             bool out_of_range) const {
  const std::string_view content = without_blanks(text);
  const std::string what = "column " + in_quotes(table_.columns[column].name);
  const std::string value = in_quotes(content);
  if (content.empty()) fields_.fail(place, what + " has no value here; agon reads complete columns only");
  if (out_of_range) fields_.fail(place, what + " holds " + value + ", out of range (1e300)");
  if (one_of(content, kMissing)) {
    fields_.fail(place, what + " holds " + value + ", a missing value; agon reads complete columns only");
  }
  if (one_of(content, kInfinite)) fields_.fail(place, what + " holds " + value + ", which is not finite");
  fields_.fail(place, what + " holds text " + in_quotes(text) + "; agon reads numeric columns only");
}

Table CsvParser::finish() && {
  if (stage_ != Stage::rows) fields_.fail({}, "the file is empty");
  if (table_.rows == 0) fields_.fail(fields_.here(), "no rows after the column names");
  if (options_.for_training && table_.rows == 1) {
    fields_.fail(row_place_, "the only row; training needs two or more");
  }
  compute_statistics(table_.values, table_.columns);
  for (std::size_t c = 0; options_.for_training && c < table_.columns.size(); ++c) {
    const Column& column = table_.columns[c];
    if (!column.constant()) continue;
    fields_.fail(header_places_[c], "column " + in_quotes(column.name) +
                                        " is constant, so nothing can be learned from it; drop it");
  }
  return std::move(table_);
}

}  // namespace agon::host
