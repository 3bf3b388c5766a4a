#include "host/table/records.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace agon::host {
namespace {

constexpr std::string_view kTooLong = "field longer than 1 MiB (a missing quote?)";
static_assert(kLongestField == 1 << 20);

const char* skip_spaces(const char* p, char separator) {
  while ((*p == ' ' || *p == '\t') && *p != separator) ++p;
  return p;
}

}  // namespace

Records::Records(const Source& source, char separator, std::size_t begin, TextArena& arena)
    : source_(source), text_(source.text()), separator_(separator), arena_(arena) {
  cursor_ = begin_ = end_ = text_.data() + begin;
  for (const char c : {separator, '\n', '\r', '"', '\0'}) special_[static_cast<unsigned char>(c)] = true;
}

void Records::fail(const char* position, std::string_view what) const {
  source_.fail(static_cast<std::size_t>(position - text_.data()), what);
}

bool Records::next(std::vector<std::string_view>& fields) {
  if (cursor_ == text_.data() + text_.size()) return false;
  begin_ = cursor_;
  quoted_ = false;
  for (;; ++cursor_) {
    fields.push_back(read_field(cursor_));
    if (*cursor_ != separator_) break;
  }
  end_ = cursor_;
  if (*cursor_ == '\r' && cursor_[1] == '\n') ++cursor_;
  if (*cursor_ != '\0') ++cursor_;
  return true;
}

std::size_t Records::begin_of_field(std::size_t field) {
  const char* cursor = begin_;
  for (; field != 0; --field, ++cursor) read_field(cursor);
  return static_cast<std::size_t>(cursor - text_.data());
}

// Leaves the cursor at a separator, a line end or the end of the text.
inline std::string_view Records::read_field(const char*& cursor) {
  const char* const begin = cursor;
  const char* p = begin;
  while (!special_[static_cast<unsigned char>(*p)]) ++p;
  if (*p == '"') return read_quoted(cursor, p);
  if (p - begin > kLongestField) fail(begin, kTooLong);
  cursor = p;
  return {begin, p};
}

std::string_view Records::read_quoted(const char*& cursor, const char* opening) {
  if (skip_spaces(cursor, separator_) != opening) {
    fail(cursor, "quote inside a field that does not start with one");
  }
  quoted_ = true;
  const char* const begin = opening + 1;
  const char* piece = begin;
  const char* quote = closing_quote(begin, piece);
  std::string unquoted;
  for (; quote[1] == '"'; quote = closing_quote(begin, piece)) {
    unquoted.append(piece, quote + 1);
    piece = quote + 2;
  }
  const char* const behind = skip_spaces(quote + 1, separator_);
  if (!special_[static_cast<unsigned char>(*behind)] || *behind == '"') {
    fail(cursor, "text behind the closing quote of a field");
  }
  cursor = behind;
  if (piece == begin) return {begin, quote};
  return arena_.keep(unquoted.append(piece, quote));
}

// The next quote at or after `from` in the field whose text begins at `begin`.
const char* Records::closing_quote(const char* begin, const char* from) const {
  const char* const end = text_.data() + text_.size();
  const bool more = end - begin > kLongestField;
  const char* const stop = more ? begin + kLongestField + 1 : end;
  const void* const quote =
      from < stop ? std::memchr(from, '"', static_cast<std::size_t>(stop - from)) : nullptr;
  if (quote) return static_cast<const char*>(quote);
  fail(begin - 1, more ? kTooLong : "quoted field without a closing quote");
}

}  // namespace agon::host
