// Whether a column's spellings are numbers, and how they are marked.
#include <algorithm>
#include <cmath>
#include <map>

#include "engine/table/cell_text.hpp"
#include "engine/table/finding_text.hpp"
#include "engine/table/inference.hpp"

namespace agon {
namespace {

using Weight = Finding::Weight;

struct UnitVotes {
  static constexpr std::size_t kMost = 256;  // units beyond are rare ones
  std::map<std::pair<std::string_view, std::string_view>, std::int64_t> rows;

  void add(std::string_view before, std::string_view after, std::int64_t count) {
    const std::pair key(before, after);
    if (rows.size() < kMost || rows.contains(key)) rows[key] += count;
  }
};

void vote_on_marks(std::string_view body, std::int64_t rows, NumberVotes& votes) {
  const MarksFound found = marks_in(body);
  switch (found.marks) {
    case Marks::none:
      break;
    case Marks::point:
      votes.point += rows;
      break;
    case Marks::comma:
      votes.comma += rows;
      break;
    case Marks::ambiguous_point:
      votes.ambiguous_point += rows;
      break;
    case Marks::ambiguous_comma:
      votes.ambiguous_comma += rows;
      break;
    case Marks::grouped:
      votes.grouped += rows;
      if (votes.group == '\0') votes.group = found.group;
      if (found.decimal == '.' || found.group == ',') votes.point += rows;
      if (found.decimal == ',' || found.group == '.') votes.comma += rows;
      break;
    case Marks::impossible:
      votes.numbers -= rows;
      break;
  }
}

/// The quick way with what most tables have: digits, at most one unmistakable point. `impossible`: anything
/// else.
Marks plain_marks(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::size_t decimals = point == text.size() ? 0 : text.size() - point - 1;
  const bool ambiguous = decimals == 3 && point <= 3 && text[0] != '0';
  if (point == 0 || ambiguous) return Marks::impossible;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i != point && (text[i] < '0' || text[i] > '9')) return Marks::impossible;
  return point == text.size() ? Marks::none : Marks::point;
}

NumberFormat decide_format(const NumberVotes& votes, const TableHabits& habits) {
  NumberFormat format;
  // A word beside the number of a few people is no unit of the column.
  if (votes.usual_units >= Schema{}.rarest || votes.usual_units == votes.numbers)
    format.before = votes.before, format.after = votes.after;
  const bool undecided = votes.point == votes.comma;
  const bool comma = undecided ? habits.decimal_comma && votes.ambiguous_point + votes.ambiguous_comma > 0
                               : votes.comma > votes.point;
  // Alone, "1.234" is read as it is most often meant, with a decimal point; "1,234" with a mark of thousands.
  format.mark = comma ? ',' : '.';
  const std::int64_t ambiguous_groups = comma ? votes.ambiguous_point : votes.ambiguous_comma;
  if (ambiguous_groups > 0) format.group = comma ? '.' : ',';
  if (votes.grouped > 0 && votes.group != format.mark) format.group = votes.group;
  return format;
}

bool is_limit(std::string_view text, const NumberFormat& format) {
  Number number;
  const std::string_view value = number_of_limit(text);
  return !value.empty() && read_number(value, format, number) == NumberReading::number;
}

bool has_leading_zero(std::string_view text) {
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

bool digits_only(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Noise of binary numbers shows behind the 13th significant digit.
bool may_be_noise(const Number& number) {
  constexpr int kFewDecimals = 6;
  return number.decimals > kFewDecimals && std::abs(number.value) * std::pow(10.0, number.decimals) > 1e13;
}

/// Reads every spelling; the format gets its decimals.
NumberColumn read_numbers(const ColumnLevels& levels, NumberFormat& format) {
  NumberColumn column;
  column.values.reserve(levels.present.size());
  column.rows.reserve(levels.present.size());
  int decimals = 0, printed = 0;
  const std::size_t width = levels.present.empty() ? 0 : levels.present[0].text.size();
  for (const Level& level : levels.present) {
    Number number;
    const NumberReading reading = read_number(level.text, format, number);
    if (reading != NumberReading::number) {
      const bool too_large = reading == NumberReading::too_large;
      if (!too_large) column.others.push_back(level);
      (too_large ? column.too_large : column.other_rows) += level.rows;
      continue;
    }
    column.values.push_back(number.value);
    column.rows.push_back(level.rows);
    column.printed_decimals.push_back(static_cast<std::int8_t>(number.printed_decimals));
    column.number_rows += level.rows;
    column.vanished += number.vanished ? level.rows : 0;
    column.leading_zeros += has_leading_zero(level.text) ? level.rows : 0;
    column.equal_width = column.equal_width && level.text.size() == width;
    column.plain_digits = column.plain_digits && digits_only(level.text);
    printed = std::max(printed, number.printed_decimals);
    if (may_be_noise(number)) forget_noise(number);
    decimals = std::max(decimals, number.decimals);
  }
  format.decimals = decimals;
  format.printed_decimals = printed;
  return column;
}

/// Words that stand among numbers may be levels of their own where they are few, or rare.
bool are_marks(const NumberColumn& numbers, std::size_t word_levels, std::int64_t word_rows) {
  constexpr std::size_t kFewValues = 20, kFewWords = 10;
  const std::int64_t all = numbers.number_rows + numbers.other_rows;
  const bool few_valued = numbers.values.size() <= kFewValues;
  if (word_rows * 100 <= all) return true;
  return !few_valued && word_levels <= kFewWords && word_rows * 2 <= all;
}

/// Spellings among numbers of one sort, and their rows.
struct Sort {
  std::vector<Level> levels;
  std::int64_t rows = 0;
};

void add_marks(const NumberColumn& numbers, ColumnFindings& out) {
  Sort limits, units, words;
  const std::int64_t all = numbers.number_rows + numbers.other_rows;
  std::vector<Level> sorted = numbers.others;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Level& a, const Level& b) { return a.rows > b.rows; });
  for (const Level& level : sorted) {
    NumberText parts;
    const bool unit = take_apart(level.text, parts) && !(parts.before.empty() && parts.after.empty());
    Sort& sort = is_limit(level.text, out.schema.number) ? limits : unit ? units : words;
    sort.levels.push_back(level);
    sort.rows += level.rows;
    auto& marks = out.schema.marks;
    if (std::find(marks.begin(), marks.end(), level.text) == marks.end()) marks.emplace_back(level.text);
  }
  const auto add = [&](const Sort& sort, Weight weight, const std::string& what, const std::string& remedy) {
    if (sort.rows > 0)
      out.add(weight,
              what + " in " + share_text(sort.rows, all) + ": " + examples_text(sort.levels, out.fewest),
              remedy);
  };
  add(limits, Weight::note, "limits of measurement among numbers",
      "nothing to do: each is a level of its own, listed under marks");
  add(units, Weight::warning, "numbers with another unit",
      "write them in one unit; as they are, each is a level of its own");
  add(words, Weight::warning, "words among numbers",
      "move them from marks to missing if they stand for no value");
}

void add_format_findings(const NumberVotes& votes, const TableHabits& habits, const NumberColumn& numbers,
                         ColumnFindings& out) {
  const NumberFormat& format = out.schema.number;
  const std::int64_t all = numbers.number_rows + numbers.other_rows;
  const std::string mark(1, format.mark), other(1, format.mark == '.' ? ',' : '.');
  const std::int64_t others = format.mark == '.' ? votes.comma : votes.point;
  if (others > 0 && format.group == '\0')
    out.add(Weight::warning,
            "decimals are marked by '" + mark + "', but by '" + other + "' in " + share_text(others, all),
            "nothing to do if both mark decimals; else correct the cells");
  const bool undecided = votes.point == votes.comma && votes.grouped == 0;
  if (undecided && votes.ambiguous_comma > 0)
    out.add(Weight::warning,
            std::string("',' could mark decimals or thousands; read as ") +
                (format.mark == ',' ? "decimals" : "thousands"),
            format.mark == ',' ? "set mark = \".\" and group = \",\" if it marks thousands"
                               : "set mark = \",\" and group = \"\" if it marks decimals");
  else if (undecided && votes.ambiguous_point > 0 && !habits.decimal_point)
    out.add(Weight::warning,
            std::string("'.' could mark decimals or thousands; read as ") +
                (format.mark == '.' ? "decimals" : "thousands"),
            format.mark == '.' ? "set mark = \",\" and group = \".\" if it marks thousands"
                               : "set mark = \".\" and group = \"\" if it marks decimals");
  if (votes.units > 0 && !(format.before + format.after).empty()) {
    const bool everywhere = votes.usual_units == numbers.number_rows;
    out.add(Weight::note,
            "numbers carry the unit " + quoted_text(trimmed(format.before + format.after)) +
                (everywhere ? "" : " in " + share_text(votes.usual_units, all)),
            everywhere ? "nothing to do: it is written again"
                       : "nothing to do if the others are in the same unit");
  }
  if (votes.foreign_minus > 0)
    out.add(Weight::note, "minus is U+2212 instead of '-' in " + rows_text(votes.foreign_minus),
            "nothing to do: read as '-'");
  if (numbers.vanished > 0)
    out.add(Weight::note, "too small for a double in " + rows_text(numbers.vanished),
            "nothing to do: read as 0");
}

/// Numbers in name only: what a leading zero says is lost in a number.
bool are_names(const NumberColumn& numbers, const ColumnLevels& levels) {
  if (numbers.other_rows > 0 || !numbers.plain_digits || numbers.leading_zeros == 0) return false;
  const bool often = numbers.leading_zeros * 50 >= levels.present_rows;
  return numbers.equal_width || often;
}

}  // namespace

std::string_view number_of_limit(std::string_view text) {
  const char c = text.empty() ? '\0' : text[0];
  if (c != '<' && c != '>' && c != '~' && static_cast<unsigned char>(c) < 0x80) return {};
  constexpr std::string_view kSigns[] = {"<=", ">=", "<", ">", "\u2264", "\u2265", "~"};
  for (const std::string_view sign : kSigns)
    if (text.starts_with(sign)) return trimmed(text.substr(sign.size()));
  return {};
}

NumberVotes vote_on_numbers(const ColumnLevels& levels) {
  NumberVotes votes;
  UnitVotes units;
  for (const Level& level : levels.present) {
    if (const Marks marks = plain_marks(level.text); marks != Marks::impossible) {
      votes.numbers += level.rows;
      votes.point += marks == Marks::point ? level.rows : 0;
      continue;
    }
    NumberText parts;
    if (!take_apart(level.text, parts)) {
      const std::string_view limit = number_of_limit(level.text);
      votes.limits += !limit.empty() && take_apart(limit, parts) ? level.rows : 0;
      continue;
    }
    votes.numbers += level.rows;
    votes.foreign_minus += parts.foreign_minus ? level.rows : 0;
    vote_on_marks(parts.body, level.rows, votes);
    if (parts.before.empty() && parts.after.empty()) continue;
    units.add(parts.before, parts.after, level.rows);
    votes.units += level.rows;
  }
  for (const auto& [unit, rows] : units.rows) {
    if (rows <= votes.usual_units) continue;
    votes.usual_units = rows;
    votes.before = unit.first;
    votes.after = unit.second;
  }
  return votes;
}

bool infer_numbers(const ColumnLevels& levels, const NumberVotes& votes, const TableHabits& habits,
                   ColumnFindings& out) {
  // Most cells may lie below a limit of measurement; of what is left, most are numbers.
  const std::int64_t open_rows = levels.present_rows - votes.limits;
  if (votes.numbers * 2 < open_rows || votes.numbers * 10 < levels.present_rows) return false;
  NumberFormat format = decide_format(votes, habits);
  NumberColumn numbers = read_numbers(levels, format);
  if (numbers.number_rows * 2 < open_rows || numbers.values.empty() || are_names(numbers, levels))
    return false;
  std::size_t words = 0;
  std::int64_t word_rows = 0;
  for (const Level& level : numbers.others) {
    if (is_limit(level.text, format)) continue;
    ++words;
    word_rows += level.rows;
  }
  if (word_rows > 0 && !are_marks(numbers, words, word_rows)) return false;
  out.schema.number = format;
  if (numbers.too_large > 0)
    out.add(Weight::error, "beyond 1e300 in " + rows_text(numbers.too_large), "correct the cells");
  add_marks(numbers, out);
  add_format_findings(votes, habits, numbers, out);
  infer_number_kind(levels, numbers, out);
  return true;
}

}  // namespace agon
