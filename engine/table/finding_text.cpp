#include "engine/table/finding_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "engine/table/cell_text.hpp"

namespace agon {

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string rows_text(std::int64_t rows) { return std::to_string(rows) + (rows == 1 ? " row" : " rows"); }

std::string percent_text(std::int64_t part, std::int64_t of) {
  const double percent =
      100.0 * static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(of, 1));
  std::array<char, 32> text;
  const bool tiny = percent > 0 && percent < 0.1;
  const auto end =
      tiny ? std::to_chars(text.data(), text.data() + text.size(), percent, std::chars_format::general, 2)
           : std::to_chars(text.data(), text.data() + text.size(), percent, std::chars_format::fixed, 1);
  return std::string(text.data(), end.ptr) + "%";
}

std::string share_text(std::int64_t rows, std::int64_t of) {
  return rows_text(rows) + " (" + percent_text(rows, of) + ")";
}

std::string number_text(double value) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string examples_text(std::span<const std::string_view> texts) {
  constexpr std::size_t kMost = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(texts.size(), kMost); ++i)
    out += (i == 0 ? "" : ", ") + quoted_text(texts[i]);
  if (texts.size() > kMost) out += " and " + std::to_string(texts.size() - kMost) + " more";
  return out;
}

std::string examples_text(std::span<const Level> levels, std::int64_t fewest) {
  std::vector<std::string_view> shared;
  for (const Level& level : levels)
    if (level.rows >= fewest) shared.push_back(level.text);
  const std::size_t rare = levels.size() - shared.size();
  std::string out = examples_text(shared);
  if (rare > 0)
    out += (out.empty() ? "" : " and ") + std::to_string(rare) + " that fewer than " +
           std::to_string(fewest) + " rows have";
  return out;
}

}  // namespace agon
