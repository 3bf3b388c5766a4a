// Categories, names of records and free text.
#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "engine/table/cell_text.hpp"
#include "engine/table/finding_text.hpp"
#include "engine/table/inference.hpp"

namespace agon {
namespace {

using Weight = Finding::Weight;

constexpr std::size_t kMostLevels = 60000;  // a level is a 16-bit code

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_capital(c) || (c >= 'a' && c <= 'z'); }
bool is_figure(char c) { return c >= '0' && c <= '9'; }

/// "P-00123" is "A-9": runs of letters and of figures become one character.
std::string shape_of(std::string_view text) {
  std::string shape;
  for (const char c : text) {
    const char sign = is_figure(c) ? '9' : is_capital(c) ? 'A' : is_letter(c) ? 'a' : c;
    const bool run = is_figure(c) || is_letter(c);
    if (!run || shape.empty() || shape.back() != sign) shape += sign;
  }
  return shape;
}

bool is_hexadecimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_figure(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
  });
}

bool has_blank(std::string_view text) { return text.find(' ') != text.npos; }

/// Of the distinct spellings.
struct WordStatistics {
  double mean_length = 0;
  double with_blanks = 0;  // share

  explicit WordStatistics(const std::vector<Level>& levels) {
    for (const Level& level : levels) {
      mean_length += static_cast<double>(level.text.size());
      with_blanks += has_blank(level.text);
    }
    mean_length /= static_cast<double>(levels.size());
    with_blanks /= static_cast<double>(levels.size());
  }
};

/// Many-valued and mostly unrepeated, or sentences.
bool is_free_text(const ColumnLevels& levels) {
  constexpr std::size_t kFewLevels = 10, kManyLevels = 100;
  constexpr double kSentence = 40;
  const std::size_t distinct = levels.present.size();
  if (distinct > kMostLevels) return true;
  if (distinct <= kFewLevels) return false;
  const double unrepeated = static_cast<double>(distinct) / static_cast<double>(levels.present_rows);
  const WordStatistics words(levels.present);
  if (unrepeated > 0.8) return true;
  if (unrepeated > 0.5) return words.with_blanks > 0.5;
  return distinct > kManyLevels && words.mean_length > kSentence && words.with_blanks > 0.5;
}

bool is_identifier(const ColumnLevels& levels) {
  constexpr std::int64_t kFewRows = 20;
  const auto distinct = static_cast<std::int64_t>(levels.present.size());
  return levels.present_rows >= kFewRows && distinct * 100 >= levels.present_rows * 98 && is_pattern(levels);
}

/// "120/80" in every row. A leading zero, as in "17-000003", is no number's.
bool are_pairs(const ColumnLevels& levels) {
  return std::all_of(levels.present.begin(), levels.present.end(), [](const Level& level) {
    const std::string shape = shape_of(level.text);
    if (shape != "9/9" && shape != "9 / 9" && shape != "9-9" && shape != "9x9") return false;
    const std::size_t second = level.text.find_last_not_of("0123456789") + 1;
    return second + 1 == level.text.size() || level.text[second] != '0';
  });
}

/// Levels that are one but for capitals and blanks, each group as its members.
std::vector<std::vector<Level>> spelled_twice(const TextColumn& column) {
  std::map<std::string, std::vector<Level>> groups;
  const std::vector<std::int64_t> rows = column.counts();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] == 0) continue;
    std::string key;
    for (const char c : lower_case(trimmed(column.spellings[i])))
      if (c != ' ' || key.empty() || key.back() != ' ') key += c;
    groups[key].push_back({column.spellings[i], rows[i]});
  }
  std::vector<std::vector<Level>> twice;
  for (auto& [key, members] : groups)
    if (members.size() > 1 && !is_missing_marker(key)) twice.push_back(std::move(members));
  return twice;
}

void add_level_findings(const ColumnLevels& levels, ColumnFindings& out) {
  for (const Level& level : levels.present)
    if (is_missing_marker(level.text))
      out.add(Weight::note,
              quoted_text(level.text) + " in " + share_text(level.rows, levels.rows) + " is taken as a level",
              "list it under missing if it stands for no value");
  const auto twice = spelled_twice(*levels.column);
  constexpr std::size_t kShown = 3;
  for (std::size_t i = 0; i < std::min(twice.size(), kShown); ++i) {
    const std::string rest = i + 1 == kShown && twice.size() > kShown
                                 ? " (and " + std::to_string(twice.size() - kShown) + " such groups more)"
                                 : "";
    out.add(Weight::warning, "one level in several spellings: " + examples_text(twice[i], out.fewest) + rest,
            "make the cells one; as they are, they are learnt as different levels");
  }
}

}  // namespace

bool is_pattern(const ColumnLevels& levels) {
  std::map<std::string, std::size_t> outlines;
  bool one_width = true, hexadecimal = true, blanks = false, figures = true;
  const std::size_t width = levels.present[0].text.size();
  for (const Level& level : levels.present) {
    one_width = one_width && level.text.size() == width;
    hexadecimal = hexadecimal && is_hexadecimal(level.text);
    blanks = blanks || has_blank(level.text);
    figures = figures && std::any_of(level.text.begin(), level.text.end(), is_figure);
    ++outlines[shape_of(level.text)];
  }
  constexpr std::size_t kShortestHash = 8;
  if (one_width && !blanks && (hexadecimal ? width >= kShortestHash : true)) return true;
  std::size_t commonest = 0;
  for (const auto& [shape, count] : outlines) commonest = std::max(commonest, count);
  const bool numeric =
      outlines.size() == 1 && outlines.begin()->first.find_first_of("aA") == std::string::npos;
  return figures && (!blanks || numeric) && commonest * 20 >= levels.present.size() * 19;
}

void infer_words(const ColumnLevels& levels, ColumnFindings& out) {
  const std::string count = std::to_string(levels.present.size());
  out.schema.number = {};
  if (are_pairs(levels) && is_free_text(levels)) {
    out.schema.kind = ColumnKind::text;
    out.add(Weight::warning, "two numbers in one cell, as in '120/80': not learnt, left out of rows drawn",
            "split it into two columns");
  } else if (is_identifier(levels)) {
    out.schema.kind = ColumnKind::identifier;
    out.add(Weight::note, "names records: its " + count + " spellings follow one pattern and do not repeat",
            "nothing to do: not learnt, made anew in rows drawn");
  } else if (is_free_text(levels)) {
    out.schema.kind = ColumnKind::text;
    out.add(Weight::warning,
            count + " different texts in " + rows_text(levels.present_rows) +
                ": not learnt, left out of rows drawn",
            "set kind = \"category\" to learn the repeated ones as levels");
  } else {
    out.schema.kind = ColumnKind::category;
    add_level_findings(levels, out);
  }
}

}  // namespace agon
