#include "host/run/data_words.hpp"

#include <fmt/format.h>

#include <cctype>
#include <utility>

#include "host/run/budget.hpp"
#include "host/run/console.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr std::pair<std::string_view, std::string_view> kOfImages[] = {
    {"row", "image"}, {"rows", "images"}, {"column", "pixel"}, {"columns", "pixels"}, {"table", "data"}};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string in_words_of_images(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    std::string_view word = text.substr(at, end - at);
    for (const auto& [of_table, of_images] : kOfImages)
      if (word == of_table) {
        word = of_images;
        break;
      }
    out += word;
    if (end < text.size()) out += text[end++];
    at = end;
  }
  return out;
}

std::string in_words_of(const GanConfig& config, std::string text) {
  return config.of_images() ? in_words_of_images(text) : text;
}

std::string epochs_text(std::uint64_t steps, std::int64_t rows, std::int64_t rows_of_step) {
  const double exact =
      static_cast<double>(steps) * static_cast<double>(rows_of_step) / static_cast<double>(rows);
  if (exact < 1) return fmt::format("{:.2g} epochs", exact);
  const auto epochs = static_cast<std::uint64_t>(epochs_of(steps, rows, rows_of_step));
  return fmt::format("{} epoch{}", grouped(epochs), epochs == 1 ? "" : "s");
}

}  // namespace agon::host
