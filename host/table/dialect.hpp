// How a file separates its fields.
#pragma once

#include <cstddef>
#include <string_view>

#include "host/table/source.hpp"

namespace agon::host {

struct Dialect {
  char separator = ',';
  std::size_t begin = 0;  ///< of the first record: behind a line "sep=;"
};

/// What a line "sep=;" says; elsewhere the one of , ; tab | that the first records hold equally often, quotes
/// respected: a comma where none is. Throws DataError where fields seem to be separated by spaces.
Dialect detect_dialect(const Source& source);

/// Whether a file that begins so may have a line "sep=;", which Excel writes and obeys.
bool begins_separator_line(std::string_view text);

/// "semicolons".
std::string_view plural_name(char separator);

}  // namespace agon::host
