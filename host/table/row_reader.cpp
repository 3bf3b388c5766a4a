#include "host/table/row_reader.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "host/table/code_point.hpp"
#include "host/table/findings.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kShownRaggedRows = 5;
constexpr std::size_t kRowsThatTell = 100;  // that the header is one field shorter than rows

bool blank_from(const std::vector<std::string_view>& fields, std::size_t first) {
  return std::all_of(fields.begin() + static_cast<std::ptrdiff_t>(first), fields.end(), all_blank);
}

}  // namespace

RowReader::RowReader(const Source& source, const Dialect& dialect, TextArena& arena)
    : source_(source),
      dialect_(dialect),
      arena_(arena),
      records_(source, dialect.separator, dialect.begin, arena) {
  read_header();
  find_row_names();
}

void RowReader::read_header() {
  do {
    header_.clear();
    if (!records_.next(header_)) source_.fail(dialect_.begin, "the file is empty");
    if (header_.size() > kMostColumns) {
      source_.fail(records_.begin_of_field(kMostColumns), "more than " + counted(kMostColumns, "column"));
    }
    if (records_.quoted() || !blank_from(header_, 0)) break;
    if (blank_lines_++ == 0) first_blank_ = records_.begin();
  } while (true);
  header_begin_ = records_.begin();
  named_ = header_.size();
  while (named_ != 0 && all_blank(header_[named_ - 1])) --named_;
}

// Looks ahead, with a reader of its own: R's row names differ from row to row.
void RowReader::find_row_names() {
  if (named_ != header_.size()) return;
  Records ahead(source_, dialect_.separator, header_begin_, arena_);
  std::vector<std::string_view> fields;
  std::unordered_set<std::string_view> names;
  bool last_has_value = false;
  ahead.next(fields);
  while (names.size() < kRowsThatTell) {
    fields.clear();
    if (!ahead.next(fields)) break;
    if (!ahead.quoted() && blank_from(fields, 0)) continue;
    if (fields.size() != header_.size() + 1 || !names.insert(fields.front()).second) return;
    last_has_value = last_has_value || !all_blank(fields.back());
  }
  row_names_ = names.size() > 1 && last_has_value;
}

std::size_t RowReader::begin_of_name(std::size_t field) {
  Records header(source_, dialect_.separator, header_begin_, arena_);
  std::vector<std::string_view> fields;
  header.next(fields);
  return header.begin_of_field(field);
}

bool RowReader::next(std::vector<std::string_view>& fields) {
  const std::size_t begin = fields.size();
  while (records_.next(fields)) {
    if (all_blank(fields[begin]) && !records_.quoted() && blank_from(fields, begin)) {
      if (blank_lines_++ == 0) first_blank_ = records_.begin();
    } else if (fields.size() - begin == width() || fits(fields, begin)) {
      return true;
    }
    fields.resize(begin);
  }
  return false;
}

std::size_t RowReader::expected_rows(std::size_t read) const {
  const auto size = static_cast<double>(source_.text().size()), done = static_cast<double>(records_.end());
  return static_cast<std::size_t>(1.05 * static_cast<double>(read) * size / done);
}

// Brings a row that begins at `begin` to the table's width where that loses nothing: fields without a name
// may be left out, and fields beyond the last column may be blank.
bool RowReader::fits(std::vector<std::string_view>& fields, std::size_t begin) {
  const std::size_t count = fields.size() - begin;
  if (count > width()) {
    const auto extra = begin + width();
    if (!blank_from(fields, extra)) {
      add_ragged(count, true);
      return false;
    }
    if (longer_rows_++ == 0) first_longer_ = records_.begin_of_field(width());
  } else if (count < named_ || row_names_) {
    add_ragged(count, false);
    return false;
  }
  fields.resize(begin + width());
  return true;
}

void RowReader::add_ragged(std::size_t fields, bool too_many) {
  if (ragged_rows_++ >= static_cast<std::int64_t>(kShownRaggedRows)) return;
  ragged_.push_back({too_many ? records_.begin_of_field(width()) : records_.end(), fields, too_many});
}

void RowReader::refuse_ragged() const {
  const auto fields = [](std::size_t count) { return counted(static_cast<std::int64_t>(count), "field"); };
  const Ragged& first = ragged_.front();
  std::string what = first.too_many ? "the row goes on after " + fields(width())
                                    : "the row ends after " + fields(first.fields);
  what += "; the header names " +
          counted(static_cast<std::int64_t>(row_names_ ? header_.size() : named_), "column");
  if (row_names_) what += ", and other rows have a name in front";
  for (std::size_t i = 1; i < ragged_.size(); ++i) {
    what += (i == 1 ? "; likewise " : ", ") + to_string(place_at(source_.text(), ragged_[i].offset)) + " (" +
            fields(ragged_[i].fields) + ')';
  }
  const auto more = ragged_rows_ - static_cast<std::int64_t>(ragged_.size());
  if (more > 0) what += " and " + counted(more, "more row");
  source_.fail(first.offset, what);
}

void RowReader::report(std::vector<Finding>& findings) const {
  if (ragged_rows_ != 0) refuse_ragged();
  const auto line = [this](std::size_t offset) {
    return "line " + std::to_string(place_at(source_.text(), offset).line);
  };
  if (blank_lines_ != 0) {
    findings.push_back(
        note_of(counted(blank_lines_, "blank line") + " skipped, the first at " + line(first_blank_)));
  }
  if (longer_rows_ != 0) {
    findings.push_back(note_of(counted(longer_rows_, "row") +
                               " with nothing behind the last separator, the first at " +
                               line(first_longer_) + ": the separator is left out"));
  }
}

}  // namespace agon::host
