// Numbers as people spell them: with decimal commas, marks between thousands and words of a unit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/table/number.hpp"
#include "engine/table/schema.hpp"

namespace agon {

/// A spelling taken apart: "-$1,234.50 USD" is sign, "$", "1,234.50", "", " USD".
struct NumberText {
  bool negative = false;
  std::string_view before;     ///< a currency's sign
  std::string_view body;       ///< digits with marks between them, starts and ends with a digit or a mark
  std::string_view exponent;   ///< "e-12", or empty
  std::string_view after;      ///< a unit with the blank ahead of it
  bool foreign_minus = false;  ///< its minus is U+2212
};

/// False where the spelling, without blanks around it, is no number with at most a unit.
bool take_apart(std::string_view text, NumberText& parts);

/// What a number's marks say about the whole column's.
enum class Marks : std::uint8_t {
  none,             ///< digits alone
  point,            ///< 12.5
  comma,            ///< 12,5
  ambiguous_point,  ///< 1.234
  ambiguous_comma,  ///< 1,234
  grouped,     ///< 1 234, 1'234, 1.234.567: `group` says by what; with a decimal mark where `decimal` is one
  impossible,  ///< 1,23,4
};
struct MarksFound {
  Marks marks = Marks::none;
  char group = '\0';    ///< of grouped; any no-break space counts as ' '
  char decimal = '\0';  ///< of grouped: '.', ',' or none
};
MarksFound marks_in(std::string_view body);

enum class NumberReading : std::uint8_t { number, not_a_number, too_large };

/// Reads a spelling without blanks around it. A cell may leave out the unit and the marks between thousands,
/// and in a column without the latter may have the other decimal mark where that is unmistakable.
NumberReading read_number(std::string_view text, const NumberFormat& format, Number& number);

/// The way back: printed_decimals digits behind the mark, of them zeros at the end only down to
/// fewest_decimals.
std::string spell_number(double value, const NumberFormat& format);

}  // namespace agon
