#include "host/evaluate/text_grid.hpp"

#include <algorithm>

namespace agon::host {

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

void TextGrid::add(std::vector<std::string> cells) {
  widths_.resize(std::max(widths_.size(), cells.size()));
  for (std::size_t c = 0; c < cells.size(); ++c) widths_[c] = std::max(widths_[c], characters_of(cells[c]));
  rows_.push_back(std::move(cells));
}

std::string TextGrid::text() const {
  std::string out;
  for (const std::vector<std::string>& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string padding(widths_[c] - characters_of(row[c]), ' ');
      const bool to_the_right = c > 0 && c <= figures_;
      line += (c == 0 ? "" : "  ") + (to_the_right ? padding + row[c] : row[c] + padding);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return out;
}

}  // namespace agon::host
