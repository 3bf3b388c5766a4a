#include "host/table/records.hpp"

#include <array>
#include <bit>
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

// Which of the bytes a field without quotes ends at, the first as the lowest bit. Both loops are without a
// branch: compilers make the first one compare vectors.
std::uint64_t special_bits(const std::array<char, 64>& bytes, char separator) {
  static_assert(std::endian::native == std::endian::little);
  std::array<std::uint8_t, 64> special;
  for (std::size_t i = 0; i < special.size(); ++i) {
    const char c = bytes[i];
    const std::uint8_t separates = c == separator ? 1 : 0, ends = c == '\n' ? 1 : 0,
                       returns = c == '\r' ? 1 : 0, quotes = c == '"' ? 1 : 0, nul = c == '\0' ? 1 : 0;
    special[i] = separates | ends | returns | quotes | nul;
  }
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < special.size(); i += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, special.data() + i, sizeof eight);
    bits |= (eight * 0x0102040810204080 >> 56) << i;
  }
  return bits;
}

}  // namespace

Records::Records(const Source& source, char separator, std::size_t begin, TextArena& arena)
    : source_(source), text_(source.text()), separator_(separator), arena_(arena) {
  cursor_ = begin_ = end_ = text_.data() + begin;
  look_at(cursor_);
}

void Records::look_at(const char* block) {
  std::array<char, kBlock> bytes{};
  const std::ptrdiff_t left = text_.data() + text_.size() - block;
  std::memcpy(bytes.data(), block, left < kBlock ? static_cast<std::size_t>(left) : kBlock);
  block_ = block;
  special_ = special_bits(bytes, separator_);
}

// At or behind `from`, which is not behind the text's end.
inline const char* Records::next_special(const char* from) {
  if (from < block_ || from - block_ >= kBlock) look_at(from);
  std::uint64_t special = special_ & ~std::uint64_t{0} << (from - block_);
  while (special == 0) {
    look_at(block_ + kBlock);
    special = special_;
  }
  return block_ + std::countr_zero(special);
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
  for (; field != 0; --field, ++cursor) {
    read_field(cursor);
    if (cursor == end_) break;
  }
  return static_cast<std::size_t>(cursor - text_.data());
}

// Leaves the cursor at a separator, a line end or the end of the text.
inline std::string_view Records::read_field(const char*& cursor) {
  const char* const begin = cursor;
  const char* const p = next_special(begin);
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
  if (*behind == '"' || next_special(behind) != behind) {
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
