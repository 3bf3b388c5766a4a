// Dates and times as people spell them, and the numbers they stand for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/table/schema.hpp"

namespace agon {

/// Digits behind the point of a second that %f keeps: a double's share of seconds since 1970.
inline constexpr int kMostFractionDigits = 6;

enum class MomentReading : std::uint8_t {
  moment,
  other,    ///< not as the format says
  no_such,  ///< as the format says, but the calendar or the clock has no such moment: 2023-02-30, 25:10
};

/// Reads the whole of `text` as `format` says, with the codes of strftime: %Y; %y (1969 to 2068, as POSIX
/// has it); %m %d %H %I %M %S of two digits or one; %b %B English names in capitals or small letters; %p AM
/// or PM; %f digits of a second behind the point, of which kMostFractionDigits count; %z Z or +hh:mm, which
/// is taken off the moment. Anything else stands for itself. `value` as ColumnKind says for date, time and
/// date_time.
MomentReading read_moment(std::string_view text, std::string_view format, ColumnKind kind, double& value);

/// The way back: values are rounded to what the format shows. "%-d" (also m, H, I) has no zero ahead, "%^b"
/// is in capitals, %f has `fraction_digits`, %z is "+00:00".
std::string spell_moment(double value, std::string_view format, ColumnKind kind, int fraction_digits);

/// What is wrong with a format of this kind, "has no %Y or %y"; empty where nothing is.
std::string fault_of_format(std::string_view format, ColumnKind kind);

}  // namespace agon
