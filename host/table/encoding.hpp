// A file's bytes as UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/table/schema.hpp"

namespace agon::host {

struct Utf8Text {
  std::string bytes;
  std::size_t begin = 0;  ///< of the text: behind a byte order mark
  std::vector<Finding> findings;
};

/// UTF-8 as it is; UTF-16 of either byte order, with a byte order mark or told by its zero bytes, converted
/// (half a character becomes U+FFFD); elsewhere every byte that is not well-formed UTF-8 is read as
/// Windows-1252, which has Latin-1's letters. Findings say so.
Utf8Text to_utf8(std::string bytes);

}  // namespace agon::host
