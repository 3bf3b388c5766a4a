// Files that are not text, known by their first bytes.
#pragma once

#include <optional>
#include <string_view>

namespace agon::host {

struct ForeignFormat {
  std::string_view what;    ///< "an Excel workbook"
  std::string_view remedy;  ///< "save it as CSV"
};

/// What the bytes of a file are where they are no table's text, as far as its first bytes tell.
std::optional<ForeignFormat> foreign_format(std::string_view bytes);

}  // namespace agon::host
