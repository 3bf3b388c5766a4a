// Cells as people spell them: blanks around them, and the spellings that stand for no value.
#pragma once

#include <string>
#include <string_view>

namespace agon {

/// Without blanks, tabs and no-break spaces (U+00A0, U+2007, U+202F) at both ends.
std::string_view trimmed(std::string_view text);

/// ASCII capitals as small letters.
std::string lower_case(std::string_view text);

/// Whether a spelling without blanks around it is one that usually stands for no value, in capitals or small
/// letters: empty, NA, N/A, n.a., #N/A, #NA, <NA>, NULL, (null), None, nil, NaN, NaT, \N, one to three points
/// or dashes, ?, and Excel's errors (#DIV/0!, #VALUE!, #REF!, #NAME?, #NUM!, #NULL!). Words such as "unknown"
/// or "missing" are levels.
bool is_missing_marker(std::string_view text);

/// A spelling in single quotes for a message: control characters as \xNN, at most 40 bytes, cut between
/// characters.
std::string quoted_text(std::string_view text);

}  // namespace agon
