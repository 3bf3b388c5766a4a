#include "host/evaluate/tables/level_index.hpp"

#include <charconv>

#include "engine/table/cell_text.hpp"

namespace agon::host {

std::optional<double> plain_number(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') || text.starts_with('+') ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789.") != digits.npos) return {};
  if (digits.size() > 1 && digits[0] == '0' && digits[1] != '.') return {};
  double value = 0;
  const char* const first = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc() || end != last) return {};
  return value == 0 ? 0 : value;  // no -0
}

std::int32_t LevelsByMeaning::spelled(std::string_view text) const {
  const auto it = texts_.find(std::string(text));
  return it == texts_.end() ? kNew : it->second;
}

std::int32_t LevelsByMeaning::find(std::string_view text) const {
  if (const std::int32_t level = spelled(text); level != kNew) return level;
  if (const auto number = plain_number(text)) {
    const auto it = numbers_.find(*number);
    if (it != numbers_.end() && it->second != kSeveral) return it->second;
  }
  if (folds_) {
    const auto it = folded_.find(lower_case(text));
    if (it != folded_.end() && it->second != kSeveral) return it->second;
  }
  return kNew;
}

std::int32_t LevelsByMeaning::add(std::string_view text) {
  const auto level = static_cast<std::int32_t>(levels_.size());
  levels_.emplace_back(text);
  texts_.emplace(text, level);
  const auto note = [level](auto& map, auto key) {
    const auto [it, is_new] = map.emplace(std::move(key), level);
    if (!is_new) it->second = kSeveral;
  };
  if (const auto number = plain_number(text)) note(numbers_, *number);
  if (folds_) note(folded_, lower_case(text));
  return level;
}

}  // namespace agon::host
