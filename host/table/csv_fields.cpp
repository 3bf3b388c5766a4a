#include "host/table/csv_fields.hpp"

#include <algorithm>
#include <cstring>

#include "host/table/csv.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kTooLong = "field longer than 1 MiB (a missing quote?)";
static_assert(kLongestField == 1 << 20);

// One byte beyond the longest field: where a search for the end of the field that starts at `begin` gives up.
const char* search_end(const char* begin, const char* end) {
  return end - begin > kLongestField ? begin + kLongestField + 1 : end;
}

const char* find(char c, const char* begin, const char* end) {
  const void* found = begin == end ? nullptr : std::memchr(begin, c, end - begin);
  return found ? static_cast<const char*>(found) : end;
}

}  // namespace

void CsvFields::fail(Place place, std::string_view what) const {
  throw DataError(name_ + ':' + std::to_string(place.line) + ':' + std::to_string(place.column) + ": " +
                  std::string(what));
}

void CsvFields::open(std::string_view text, bool last) {
  cursor_ = line_begin_ = text.data();
  end_ = text.data() + text.size();
  last_ = last;
}

void CsvFields::return_to(Mark mark) {
  cursor_ = line_begin_ = mark.position;
  line_ = mark.line;
}

void CsvFields::skip_byte_order_mark() {
  const std::string_view text(cursor_, end_ - cursor_);
  if (text.size() < kByteOrderMark.size() && !last_) throw NeedMore{};
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) fail({}, "UTF-16 text; agon reads UTF-8");
  if (text.starts_with(kByteOrderMark)) cursor_ = line_begin_ = cursor_ + kByteOrderMark.size();
}

bool CsvFields::skip_blank_line() {
  if (cursor_ == end_ || (*cursor_ != '\n' && *cursor_ != '\r')) return false;
  require_line_end();
  end_record();
  return true;
}

bool CsvFields::next_in_record() {
  if (cursor_ == end_ || *cursor_ != ',') return false;
  ++cursor_;
  return true;
}

void CsvFields::end_record() {
  if (cursor_ == end_) return;
  cursor_ = line_begin_ = cursor_ + (*cursor_ == '\r' ? 2 : 1);
  ++line_;
}

// The cursor is at a CR or LF. A CR must have an LF behind it.
void CsvFields::require_line_end() {
  if (*cursor_ == '\n') return;
  if (cursor_ + 1 == end_ && !last_) throw NeedMore{};
  if (cursor_ + 1 == end_ || cursor_[1] != '\n')
    fail(here(), "carriage return without a line feed behind it");
}

std::string_view CsvFields::next_field() {
  if (cursor_ == end_ && !last_) throw NeedMore{};
  return cursor_ != end_ && *cursor_ == '"' ? quoted_field() : plain_field();
}

bool CsvFields::next_number(Number& number) {
  const NumberResult result = parse_number(cursor_, end_, number);
  if (result.status != NumberStatus::number || result.end - cursor_ > kLongestField) return false;
  const bool ended = result.end == end_ ? last_ : *result.end == ',' || *result.end == '\n';
  const bool ended_in_crlf = end_ - result.end >= 2 && result.end[0] == '\r' && result.end[1] == '\n';
  if (!ended && !ended_in_crlf) return false;
  cursor_ = result.end;
  return true;
}

std::string_view CsvFields::plain_field() {
  const char* const begin = cursor_;
  const char* const stop = search_end(begin, end_);
  const char* p = begin;
  while (p != stop && *p != ',' && *p != '\n' && *p != '\r' && *p != '"') ++p;
  if (p - begin > kLongestField) fail(here(), kTooLong);
  if (p == end_ && !last_) throw NeedMore{};
  if (p != end_ && *p == '"') fail(here(), "quote inside a field that does not start with one");
  cursor_ = p;
  if (p != end_ && *p == '\r') require_line_end();
  return {begin, p};
}

std::string_view CsvFields::quoted_field() {
  const Place place = here();
  const char* const begin = cursor_ + 1;
  const char* piece = begin;
  const char* quote = closing_quote(begin, piece, place);
  unquoted_.clear();
  bool doubled = false;
  while (quote + 1 != end_ && quote[1] == '"') {
    doubled = true;
    unquoted_.append(piece, quote + 1);
    piece = quote + 2;
    quote = closing_quote(begin, piece, place);
  }
  if (quote + 1 == end_ && !last_) throw NeedMore{};
  count_lines(begin, quote);
  cursor_ = quote + 1;
  require_separator(place);
  if (!doubled) return {begin, quote};
  unquoted_.append(piece, quote);
  return unquoted_;
}

// The next quote at or after `from` in the field whose text starts at `begin`.
const char* CsvFields::closing_quote(const char* begin, const char* from, Place place) {
  const char* const stop = search_end(begin, end_);
  const char* const quote = from < stop ? find('"', from, stop) : stop;
  if (quote != stop) return quote;
  if (stop - begin > kLongestField) fail(place, kTooLong);
  if (!last_) throw NeedMore{};
  fail(place, "quoted field without a closing quote");
}

void CsvFields::require_separator(Place place) {
  if (cursor_ == end_ || *cursor_ == ',') return;
  if (*cursor_ != '\n' && *cursor_ != '\r') fail(place, "text behind the closing quote of a field");
  require_line_end();
}

void CsvFields::count_lines(const char* begin, const char* end) {
  for (const char* p = find('\n', begin, end); p != end; p = find('\n', p, end)) {
    ++line_;
    line_begin_ = ++p;
  }
}

}  // namespace agon::host
