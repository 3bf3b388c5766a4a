// Cells in columns as wide as their widest, for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace agon::host {

class TextGrid {
 public:
  /// A row. The first column stands to the left, as does the one behind the `figures` columns that follow it;
  /// those stand to the right.
  explicit TextGrid(std::size_t figures) : figures_(figures) {}
  void add(std::vector<std::string> cells);
  /// Every row on a line, without blanks at its end.
  std::string text() const;

 private:
  std::size_t figures_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
};

/// Characters of UTF-8 text: what a terminal gives a place each, wide scripts apart.
std::size_t characters_of(std::string_view text);

}  // namespace agon::host
