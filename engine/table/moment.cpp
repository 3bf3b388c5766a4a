#include "engine/table/moment.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "engine/table/cell_text.hpp"

namespace agon {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};
constexpr double kSecondsPerDay = 86400;

/// What a format's codes said.
struct Fields {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  double fraction = 0;
  int zone_minutes = 0;
  bool twelve_hours = false, afternoon = false;
};

/// One code of a format: "%-d" is {'d', '-'}.
struct FormatCode {
  char code = '\0';
  char flag = '\0';
  std::size_t bytes = 0;
};

FormatCode code_at(std::string_view format) {
  if (format.size() < 2 || format[0] != '%') return {};
  const bool flagged = (format[1] == '-' || format[1] == '^') && format.size() > 2;
  if (flagged) return {format[2], format[1], 3};
  return {format[1], '\0', 2};
}

bool take_digits(std::string_view& text, std::size_t fewest, std::size_t most, int& value) {
  std::size_t digits = 0;
  value = 0;
  while (digits < text.size() && digits < most && text[digits] >= '0' && text[digits] <= '9')
    value = value * 10 + (text[digits++] - '0');
  text.remove_prefix(digits);
  return digits >= fewest;
}

bool take_fraction(std::string_view& text, double& fraction) {
  double unit = 1, whole = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (digits >= kMostFractionDigits) continue;
    whole = whole * 10 + (text[digits] - '0');
    unit *= 10;
  }
  text.remove_prefix(digits);
  fraction = whole / unit;
  return digits > 0;
}

bool take_month(std::string_view& text, bool whole_name, int& month) {
  for (std::size_t m = 0; m < kMonths.size(); ++m) {
    const std::string_view name = whole_name ? kMonths[m] : kMonths[m].substr(0, 3);
    if (text.size() < name.size() || lower_case(text.substr(0, name.size())) != lower_case(name)) continue;
    text.remove_prefix(name.size());
    month = static_cast<int>(m) + 1;
    return true;
  }
  return false;
}

bool take_half_of_day(std::string_view& text, bool& afternoon) {
  const std::string half = lower_case(text.substr(0, 2));
  if (half != "am" && half != "pm") return false;
  afternoon = half == "pm";
  text.remove_prefix(2);
  return true;
}

bool take_zone(std::string_view& text, int& minutes) {
  if (text.starts_with('Z')) {
    text.remove_prefix(1);
    return true;
  }
  if (!text.starts_with('+') && !text.starts_with('-')) return false;
  const int sign = text[0] == '-' ? -1 : 1;
  int hours = 0, rest = 0;
  text.remove_prefix(1);
  if (!take_digits(text, 2, 2, hours)) return false;
  if (text.starts_with(':')) text.remove_prefix(1);
  if (!take_digits(text, 2, 2, rest)) return false;
  minutes = sign * (hours * 60 + rest);
  return true;
}

bool take_code(char code, std::string_view& text, Fields& fields) {
  switch (code) {
    case 'Y':
      return take_digits(text, 4, 4, fields.year);
    case 'y':
      if (!take_digits(text, 2, 2, fields.year)) return false;
      fields.year += fields.year < 69 ? 2000 : 1900;
      return true;
    case 'm':
      return take_digits(text, 1, 2, fields.month);
    case 'd':
      return take_digits(text, 1, 2, fields.day);
    case 'b':
      return take_month(text, false, fields.month);
    case 'B':
      return take_month(text, true, fields.month);
    case 'I':
      fields.twelve_hours = true;
      [[fallthrough]];
    case 'H':
      return take_digits(text, 1, 2, fields.hour);
    case 'M':
      return take_digits(text, 2, 2, fields.minute);
    case 'S':
      return take_digits(text, 2, 2, fields.second);
    case 'f':
      return take_fraction(text, fields.fraction);
    case 'p':
      return take_half_of_day(text, fields.afternoon);
    case 'z':
      return take_zone(text, fields.zone_minutes);
    default:
      return false;
  }
}

bool match(std::string_view text, std::string_view format, Fields& fields) {
  while (!format.empty()) {
    if (const FormatCode code = code_at(format); code.bytes > 0) {
      if (!take_code(code.code, text, fields)) return false;
      format.remove_prefix(code.bytes);
      continue;
    }
    if (text.empty() || text[0] != format[0]) return false;
    text.remove_prefix(1);
    format.remove_prefix(1);
  }
  return text.empty();
}

std::string digits_of(int value, std::size_t width) {
  std::string text = std::to_string(value);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

std::string name_of_month(int month, bool whole_name, bool capitals) {
  const std::string_view name = kMonths[static_cast<std::size_t>(month - 1)];
  std::string text(whole_name ? name : name.substr(0, 3));
  if (capitals)
    for (char& c : text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

/// `ticks` of 10^-digits seconds since midnight, and the day.
Fields fields_of(std::int64_t day, std::int64_t ticks, std::int64_t ticks_per_second) {
  using namespace std::chrono;
  const year_month_day date{sys_days{days{day}}};
  const auto second_of_day = static_cast<int>(ticks / ticks_per_second);
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .hour = second_of_day / 3600,
          .minute = second_of_day / 60 % 60,
          .second = second_of_day % 60,
          .fraction = static_cast<double>(ticks % ticks_per_second)};
}

std::string spell_code(const FormatCode& code, const Fields& fields, int fraction_digits) {
  const std::size_t width = code.flag == '-' ? 1 : 2;
  switch (code.code) {
    case 'Y':
      return digits_of(fields.year, 4);
    case 'y':
      return digits_of(fields.year % 100, 2);
    case 'm':
      return digits_of(fields.month, width);
    case 'd':
      return digits_of(fields.day, width);
    case 'b':
      return name_of_month(fields.month, false, code.flag == '^');
    case 'B':
      return name_of_month(fields.month, true, code.flag == '^');
    case 'H':
      return digits_of(fields.hour, width);
    case 'I':
      return digits_of((fields.hour + 11) % 12 + 1, width);
    case 'M':
      return digits_of(fields.minute, width);
    case 'S':
      return digits_of(fields.second, width);
    case 'f':
      return digits_of(static_cast<int>(fields.fraction), static_cast<std::size_t>(fraction_digits));
    case 'p':
      return fields.hour < 12 ? "AM" : "PM";
    case 'z':
      return "+00:00";
    default:
      return {};
  }
}

bool has_code(std::string_view format, std::string_view codes) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    const FormatCode code = code_at(format.substr(i));
    if (code.bytes > 0 && codes.find(code.code) != codes.npos) return true;
    if (code.bytes > 0) i += code.bytes - 1;
  }
  return false;
}

}  // namespace

MomentReading read_moment(std::string_view text, std::string_view format, ColumnKind kind, double& value) {
  using namespace std::chrono;
  Fields fields;
  if (!match(text, format, fields)) return MomentReading::other;
  if (fields.twelve_hours) {
    if (fields.hour < 1 || fields.hour > 12) return MomentReading::no_such;
    fields.hour = fields.hour % 12 + (fields.afternoon ? 12 : 0);
  }
  const year_month_day date{year{fields.year}, month{static_cast<unsigned>(fields.month)},
                            day{static_cast<unsigned>(fields.day)}};
  const bool exists = date.ok() && fields.hour < 24 && fields.minute < 60 && fields.second < 60;
  if (!exists) return MomentReading::no_such;
  const auto days = static_cast<double>(sys_days{date}.time_since_epoch().count());
  const int minutes = fields.hour * 60 + fields.minute - fields.zone_minutes;
  const double seconds = minutes * 60 + fields.second + fields.fraction;
  if (kind == ColumnKind::date) value = days;
  if (kind == ColumnKind::time) value = seconds;
  if (kind == ColumnKind::date_time)
    value = days * kSecondsPerDay + minutes * 60 + fields.second + fields.fraction;
  return MomentReading::moment;
}

std::string spell_moment(double value, std::string_view format, ColumnKind kind, int fraction_digits) {
  // The years that "%Y" has; no sum below overflows.
  constexpr double kFirstDay = -719528, kLastDay = 2932896;
  const double unit = kind == ColumnKind::date ? 1 : kSecondsPerDay;
  value = std::isnan(value) ? 0 : std::clamp(value, kFirstDay * unit, (kLastDay + 1) * unit - 1);
  fraction_digits = std::clamp(fraction_digits, 0, kMostFractionDigits);
  std::int64_t ticks_per_second = 1;
  for (int i = 0; i < fraction_digits; ++i) ticks_per_second *= 10;
  const std::int64_t ticks_per_day = 86400 * ticks_per_second;
  std::int64_t day = 0, ticks = 0;
  if (kind == ColumnKind::date) {
    day = std::llround(value);
  } else {
    ticks = std::llround(value * static_cast<double>(ticks_per_second));
    day = ticks >= 0 ? ticks / ticks_per_day : (ticks - ticks_per_day + 1) / ticks_per_day;
    ticks -= day * ticks_per_day;
  }
  const Fields fields = fields_of(day, ticks, ticks_per_second);
  std::string out;
  while (!format.empty()) {
    const FormatCode code = code_at(format);
    out += code.bytes > 0 ? spell_code(code, fields, fraction_digits) : std::string(1, format[0]);
    format.remove_prefix(code.bytes > 0 ? code.bytes : 1);
  }
  return out;
}

std::string fault_of_format(std::string_view format, ColumnKind kind) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    const FormatCode code = code_at(format.substr(i));
    if (code.bytes == 0 || std::string_view("YymdbBHIMSfpz").find(code.code) == std::string_view::npos)
      return "has a code that is none of %Y %y %m %d %b %B %H %I %M %S %f %p %z";
    i += code.bytes - 1;
  }
  const bool of_day = kind != ColumnKind::time, of_clock = kind != ColumnKind::date;
  if (of_day && !has_code(format, "Yy")) return "has no year (%Y)";
  if (of_day && !has_code(format, "mbB")) return "has no month (%m)";
  if (of_day && !has_code(format, "d")) return "has no day (%d)";
  if (of_clock && !has_code(format, "HI")) return "has no hour (%H)";
  return {};
}

}  // namespace agon
