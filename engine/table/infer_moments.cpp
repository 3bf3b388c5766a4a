// Whether a column's spellings are dates or times, and in which format.
#include <algorithm>
#include <array>

#include "engine/table/cell_text.hpp"
#include "engine/table/finding_text.hpp"
#include "engine/table/inference.hpp"
#include "engine/table/moment.hpp"

namespace agon {
namespace {

using Weight = Finding::Weight;

/// Where two fit equally well, the earlier is taken; day and month by the table's habits.
constexpr std::array<std::string_view, 30> kDates = {
    "%Y-%m-%d", "%Y/%m/%d",  "%Y.%m.%d", "%Y%m%d",    "%d.%m.%Y", "%m/%d/%Y",  "%d/%m/%Y",  "%d-%m-%Y",
    "%m-%d-%Y", "%d-%b-%Y",  "%d %b %Y", "%d/%b/%Y",  "%d%b%Y",   "%d. %b %Y", "%b %d, %Y", "%b %d %Y",
    "%d %B %Y", "%B %d, %Y", "%B %d %Y", "%d. %B %Y", "%Y-%b-%d", "%d.%m.%y",  "%m/%d/%y",  "%d/%m/%y",
    "%d-%m-%y", "%m-%d-%y",  "%d-%b-%y", "%d %b %y",  "%d%b%y",   "%y-%m-%d"};
constexpr std::array<std::string_view, 8> kTimes = {"%H:%M",       "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p",
                                                    "%I:%M:%S %p", "%I:%M%p",  "%I:%M:%S%p",  "%H:%M:%S,%f"};
constexpr std::array<std::string_view, 2> kMidnights = {"00:00:00", "00:00"};

/// Short, with a digit at an end and more than a number's marks, or eight digits: as all formats have it.
bool could_be_moment(std::string_view text) {
  constexpr std::size_t kShortest = 4, kLongest = 40, kCompactDate = 8;
  if (text.size() < kShortest || text.size() > kLongest) return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto digits = std::count_if(text.begin(), text.end(), digit), others = std::ssize(text) - digits;
  const bool number = others == 0 || (others == 1 && text.find_first_of(".,-+") != text.npos);
  return (digit(text.front()) || digit(text.back()) || text.back() == 'M' || text.back() == 'm' ||
          text.back() == 'Z') &&
         (!number || (others == 0 && text.size() == kCompactDate));
}

/// A zone at the end: "Z", "+01:00", "-0500"; empty where there is none.
std::string_view zone_of(std::string_view text) {
  if (text.ends_with('Z')) return text.substr(text.size() - 1);
  for (const std::size_t bytes : {std::size_t{6}, std::size_t{5}}) {
    if (text.size() < 16 || (text[text.size() - bytes] != '+' && text[text.size() - bytes] != '-')) continue;
    const std::string_view zone = text.substr(text.size() - bytes);
    if (zone.find_first_not_of("0123456789:+-") == zone.npos && (bytes == 5 || zone[3] == ':')) return zone;
  }
  return {};
}

/// All that could read `text`, by form alone.
void add_candidates(std::string_view text, std::vector<MomentGuess>& candidates) {
  const auto add = [&](std::string format, ColumnKind kind) {
    double value = 0;
    const auto same = [&](const MomentGuess& c) { return c.format == format; };
    if (read_moment(text, format, kind, value) != MomentReading::other &&
        std::none_of(candidates.begin(), candidates.end(), same)) {
      candidates.emplace_back().format = std::move(format);
      candidates.back().kind = kind;
    }
  };
  const std::string_view zone = zone_of(text);
  for (const std::string_view date : kDates) {
    add(std::string(date), ColumnKind::date);
    for (const std::string_view between : {" ", "T"}) {
      const std::string start = std::string(date) + std::string(between);
      for (const std::string_view midnight : kMidnights) add(start + std::string(midnight), ColumnKind::date);
      for (const std::string_view time : kTimes) {
        add(start + std::string(time), ColumnKind::date_time);
        if (zone.empty()) continue;
        add(start + std::string(time) + std::string(zone), ColumnKind::date_time);
        add(start + std::string(time) + "%z", ColumnKind::date_time);
      }
    }
  }
  for (const std::string_view time : kTimes) add(std::string(time), ColumnKind::time);
}

std::vector<MomentGuess> candidates_of(const ColumnLevels& levels) {
  constexpr std::size_t kTried = 20, kLookedAt = 1000;
  std::vector<MomentGuess> candidates;
  std::size_t tried = 0;
  for (std::size_t i = 0; i < std::min(levels.present.size(), kLookedAt) && tried < kTried; ++i) {
    if (!could_be_moment(levels.present[i].text)) continue;
    add_candidates(levels.present[i].text, candidates);
    ++tried;
  }
  return candidates;
}

void count_fit(const ColumnLevels& levels, MomentGuess& guess) {
  double value = 0;
  for (const Level& level : levels.present) {
    const MomentReading reading = read_moment(level.text, guess.format, guess.kind, value);
    guess.rows += reading == MomentReading::moment ? level.rows : 0;
    guess.no_such += reading == MomentReading::no_such ? level.rows : 0;
  }
}

/// 20230119 is a date where every number of the column is one of these two centuries.
bool plausible(const MomentGuess& guess, const ColumnLevels& levels) {
  if (guess.format != "%Y%m%d") return true;
  constexpr double kFirst = -25567, kLast = 47482;  // 1900-01-01, 2100-01-01
  double day = 0;
  return guess.rows == levels.present_rows && levels.present.size() > 2 &&
         std::all_of(levels.present.begin(), levels.present.end(), [&](const Level& level) {
           return level.text.size() == 8 &&
                  read_moment(level.text, guess.format, guess.kind, day) == MomentReading::moment &&
                  day >= kFirst && day < kLast;
         });
}

/// With '-' behind the per cent signs of those days, months and hours whose bit is set: no zeros ahead.
std::string without_zeros(std::string_view format, unsigned which) {
  std::string bare;
  for (const char c : format) {
    if (!bare.empty() && bare.back() == '%' && std::string_view("dmHI").find(c) != std::string_view::npos) {
      if (which & 1) bare += '-';
      which >>= 1;
    }
    bare += c;
  }
  return bare;
}

/// With names of months in capitals.
std::string in_capitals(std::string format) {
  const std::size_t name = std::min(format.find("%b"), format.find("%B"));
  if (name != format.npos) format.insert(name + 1, "^");
  return format;
}

/// The way of writing that gives back each cell's own spelling (of the first ones), where there is one.
std::string refined(const ColumnLevels& levels, const ColumnSchema& schema) {
  constexpr std::ptrdiff_t kLookedAt = 1000;
  const auto first = levels.present.begin(), last = first + std::min(kLookedAt, std::ssize(levels.present));
  const auto spells_all = [&](const std::string& format) {
    return std::all_of(first, last, [&](const Level& level) {
      double value = 0;
      return read_moment(level.text, format, schema.kind, value) != MomentReading::moment ||
             spell_moment(value, format, schema.kind, schema.number.printed_decimals) == level.text;
    });
  };
  const std::string& format = schema.format;
  constexpr unsigned kWays = 8;  // day, month and hour
  for (unsigned which = 0; which < kWays; ++which)
    for (const std::string& way : {without_zeros(format, which), in_capitals(without_zeros(format, which))})
      if (spells_all(way)) return way;
  return format;
}

/// Digits behind the point of a second, as the cells have them.
int digits_of_seconds(const ColumnLevels& levels, const ColumnSchema& schema) {
  if (schema.format.find("%f") == std::string::npos) return 0;
  std::size_t most = 0;
  for (const Level& level : levels.present) {
    const std::size_t mark = level.text.find_last_of(".,");
    if (mark == level.text.npos) continue;
    const std::size_t last =
        std::min(level.text.find_first_not_of("0123456789", mark + 1), level.text.size());
    most = std::max(most, last - mark - 1);
  }
  return static_cast<int>(std::min<std::size_t>(most, kMostFractionDigits));
}

/// Cells that are not as the format says, as marks, and those that no calendar has.
void add_misfits(const ColumnLevels& levels, const MomentGuess& guess, ColumnFindings& out) {
  const std::string& format = out.schema.format;
  std::vector<std::string_view> no_such;
  std::vector<Level> words;
  std::int64_t word_rows = 0;
  for (const Level& level : levels.present) {
    double value = 0;
    const MomentReading reading = read_moment(level.text, format, out.schema.kind, value);
    if (reading == MomentReading::no_such) no_such.push_back(level.text);
    if (reading != MomentReading::other) continue;
    words.push_back(level);
    word_rows += level.rows;
    auto& marks = out.schema.marks;
    if (std::find(marks.begin(), marks.end(), level.text) == marks.end()) marks.emplace_back(level.text);
  }
  if (!no_such.empty())
    out.add(Weight::error,
            "no such " + std::string(to_string(out.schema.kind)) + " in " + rows_text(guess.no_such) + ": " +
                examples_text(no_such),
            "correct the cells, or list them under missing");
  if (word_rows > 0)
    out.add(Weight::warning,
            "not as " + quoted_text(format) + " in " + share_text(word_rows, levels.present_rows) + ": " +
                examples_text(words, out.fewest),
            "move them from marks to missing if they stand for no value");
}

void add_moment_findings(const ColumnLevels& levels, const MomentGuess& guess, ColumnFindings& out) {
  const std::string& format = out.schema.format;
  if (guess.rows < levels.present_rows) add_misfits(levels, guess, out);
  if (!guess.turned.empty())
    out.add(Weight::warning, "every date could be day first or month first; read as " + quoted_text(format),
            "set format the other way round if that is wrong");
  if (format.find("%y") != format.npos)
    out.add(Weight::warning, "years have two digits: read as 1969 to 2068",
            "write years with four digits if that is wrong");
  if (format.find("%z") != format.npos)
    out.add(Weight::note, "zones differ: times are kept in universal time",
            "nothing to do: written with +00:00");
}

}  // namespace

MomentGuess guess_moments(const ColumnLevels& levels) {
  MomentGuess best;
  for (MomentGuess& guess : candidates_of(levels)) {
    count_fit(levels, guess);
    if (guess.rows == 0 || guess.rows < best.rows || !plausible(guess, levels)) continue;
    const bool turned =
        (guess.day_first() && best.month_first()) || (guess.month_first() && best.day_first());
    if (guess.rows > best.rows) {
      best = std::move(guess);
    } else if (turned) {
      best.turned = guess.format;
    }
  }
  return best;
}

bool infer_moments(const ColumnLevels& levels, const MomentGuess& guess, const TableHabits& habits,
                   ColumnFindings& out) {
  const std::int64_t foreign = levels.present_rows - guess.rows - guess.no_such;
  if (guess.rows == 0 || foreign * 20 > levels.present_rows || guess.no_such * 4 > levels.present_rows)
    return false;
  out.schema.kind = guess.kind;
  const bool other_way =
      guess.day_first() ? habits.month_first && !habits.day_first : habits.day_first && !habits.month_first;
  out.schema.format = !guess.turned.empty() && other_way ? guess.turned : guess.format;
  out.schema.number.printed_decimals = digits_of_seconds(levels, out.schema);
  out.schema.format = refined(levels, out.schema);
  add_moment_findings(levels, guess, out);
  return true;
}

}  // namespace agon
