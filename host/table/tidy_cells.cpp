#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/table/spellings.hpp"
#include "host/table/code_point.hpp"
#include "host/table/findings.hpp"
#include "host/table/source.hpp"
#include "host/table/tidy.hpp"

namespace agon::host {
namespace {

// An optional sign, digits with points or commas, an exponent: what may be a number wherever one writes it.
bool number_like(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  const std::size_t mantissa = std::min(text.find_first_not_of("0123456789.,"), text.size());
  if (text.substr(0, mantissa).find_first_of("0123456789") == text.npos) return false;
  std::string_view rest = text.substr(mantissa);
  if (rest.empty()) return true;
  if (rest[0] != 'e' && rest[0] != 'E') return false;
  rest.remove_prefix(1);
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  return !rest.empty() && rest.find_first_not_of("0123456789") == rest.npos;
}

bool has_multibyte(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// Mends the spellings of one column and counts what it mended, in cells.
class ColumnTidier {
 public:
  ColumnTidier(TextColumn& column, TextArena& arena) : column_(column), arena_(arena) {}

  void run() {
    std::vector<std::string_view> mended = column_.spellings;
    bool changed = false;
    for (std::size_t i = 0; i < mended.size(); ++i) {
      mended[i] = mend(column_.spellings[i], i);
      changed = changed || mended[i].size() != column_.spellings[i].size() ||
                mended[i].data() != column_.spellings[i].data();
    }
    if (changed) merge(mended);
  }

  void report(std::vector<Finding>& findings) const {
    for (const auto& [what, cells] : blanks_) {
      findings.push_back(note_of(what + " in " + counted(cells, "cell") + ", taken away", column_.name));
    }
    for (const auto& [what, cells] : look_alikes_) {
      findings.push_back(warning_of(what + " in " + counted(cells, "cell") + ", read as such", column_.name));
    }
  }

  std::int64_t plain_blanks() const { return plain_blanks_; }

 private:
  std::int64_t cells_of(std::size_t spelling) {
    if (counts_.empty()) counts_ = column_.counts();
    return counts_[spelling];
  }

  std::string_view mend(std::string_view text, std::size_t spelling) {
    if (text.empty()) return text;
    const auto ends_plainly = [](char c) { return c > ' ' && c < 0x7F; };
    const std::string_view inner =
        ends_plainly(text.front()) && ends_plainly(text.back()) ? text : trimmed(text);
    const std::string_view number = has_multibyte(inner) ? as_number(inner, spelling) : inner;
    if (inner.size() != text.size()) count_blanks(text, inner, number_like(number), spelling);
    return number;
  }

  // Without its look-alikes, where that makes a number of it.
  std::string_view as_number(std::string_view text, std::size_t spelling) {
    std::string plain;
    std::set<std::string> found;
    for (std::size_t i = 0; i < text.size();) {
      const CodePoint c = first_code_point(text.substr(i));
      const char like = number_look_alike(c.value);
      if (c.value >= 0x80 && like == '\0') return text;
      plain += c.value < 0x80 ? static_cast<char>(c.value) : like;
      if (like != '\0') found.insert(code_point_name(c.value) + " for " + like);
      i += c.length;
    }
    if (!number_like(plain)) return text;
    for (const std::string& what : found) look_alikes_[what] += cells_of(spelling);
    return arena_.keep(plain);
  }

  void count_blanks(std::string_view text, std::string_view inner, bool number, std::size_t spelling) {
    const auto before = static_cast<std::size_t>(inner.data() - text.data());
    const std::string_view front = text.substr(0, before), back = text.substr(before + inner.size());
    const char* const what = inner.empty() ? "alone" : number ? "the number" : "the text";
    const bool seen = count_special(front, inner.empty() ? "" : "before ", what, spelling) |
                      count_special(back, inner.empty() ? "" : "behind ", what, spelling);
    if (!seen) plain_blanks_ += cells_of(spelling);
  }

  // Counts the first blank that is more than a space; false where there is none.
  bool count_special(std::string_view blanks, std::string_view where, std::string_view what,
                     std::size_t spelling) {
    while (!blanks.empty()) {
      const CodePoint c = first_code_point(blanks);
      if (c.value >= 0x80) {
        blanks_[code_point_name(c.value) + ' ' + std::string(where) + std::string(what)] +=
            cells_of(spelling);
        return true;
      }
      blanks.remove_prefix(c.length);
    }
    return false;
  }

  void merge(std::span<const std::string_view> mended) {
    Spellings spellings;
    std::vector<std::uint32_t> numbers(mended.size());
    spellings.number(mended.data(), 1, numbers);
    for (std::uint32_t& cell : column_.cells) cell = numbers[cell];
    column_.spellings = std::move(spellings).take();
  }

  TextColumn& column_;
  TextArena& arena_;
  std::vector<std::int64_t> counts_;  // cells of each spelling; empty until they are asked for
  std::int64_t plain_blanks_ = 0;
  std::map<std::string, std::int64_t> blanks_, look_alikes_;
};

}  // namespace

void tidy_cells(TextTable& table, TextArena& arena, std::vector<Finding>& findings) {
  std::int64_t cells = 0, columns = 0;
  std::string first;
  for (TextColumn& column : table.columns) {
    ColumnTidier tidier(column, arena);
    tidier.run();
    tidier.report(findings);
    if (tidier.plain_blanks() == 0) continue;
    if (columns++ == 0) first = column.name;
    cells += tidier.plain_blanks();
  }
  if (cells == 0) return;
  const std::string of_columns = columns == 1 ? "" : " of " + counted(columns, "column");
  findings.push_back(note_of("blanks around " + counted(cells, "cell") + of_columns + ", taken away",
                             columns == 1 ? first : ""));
}

}  // namespace agon::host
