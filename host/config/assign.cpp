#include "host/config/assign.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "kernels/error.hpp"

namespace agon::host {
namespace {

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::vector<std::int64_t>> parse_list(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']')
    text = trimmed(text.substr(1, text.size() - 2));
  std::vector<std::int64_t> list;
  if (text.empty()) return list;
  for (;;) {
    const std::size_t comma = text.find(',');
    const auto number = parse_number<std::int64_t>(trimmed(text.substr(0, comma)));
    if (!number) return std::nullopt;
    list.push_back(*number);
    if (comma == std::string_view::npos) return list;
    text.remove_prefix(comma + 1);
  }
}

std::string shown(const SettingInput& input) {
  struct {
    std::string operator()(std::int64_t v) const { return fmt::format("{}", v); }
    std::string operator()(double v) const { return fmt::format("{}", v); }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(const std::string& v) const { return fmt::format("'{}'", v); }
    std::string operator()(const std::vector<std::int64_t>& v) const {
      return fmt::format("[{}]", fmt::join(v, ", "));
    }
  } show;
  return std::visit(show, input);
}

bool within(const Setting& setting, double value) {
  const bool above = setting.above_low ? value > setting.low : value >= setting.low;
  return std::isfinite(value) && above && value <= setting.high;
}

/// Integers' bounds are whole, and compared as integers: a double does not tell 2^53 + 1 from 2^53.
bool within(const Setting& setting, std::int64_t value) {
  return value >= static_cast<std::int64_t>(setting.low) && value <= static_cast<std::int64_t>(setting.high);
}

/// Writes the target and returns true where the input's kind and value fit it.
struct Assign {
  const Setting& setting;
  const SettingInput& input;

  bool operator()(std::int64_t* target) const {
    const auto* number = std::get_if<std::int64_t>(&input);
    if (!number || !within(setting, *number)) return false;
    *target = *number;
    return true;
  }
  bool operator()(double* target) const {
    const auto* whole = std::get_if<std::int64_t>(&input);
    const auto* number = std::get_if<double>(&input);
    if (!whole && !number) return false;
    const double value = whole ? static_cast<double>(*whole) : *number;
    if (!within(setting, value)) return false;
    *target = value;
    return true;
  }
  bool operator()(bool* target) const {
    const auto* truth = std::get_if<bool>(&input);
    if (truth) *target = *truth;
    return truth != nullptr;
  }
  bool operator()(std::string* target) const {
    const auto* text = std::get_if<std::string>(&input);
    const auto& choices = setting.choices;
    if (!text || (!choices.empty() && std::find(choices.begin(), choices.end(), *text) == choices.end()))
      return false;
    *target = *text;
    return true;
  }
  bool operator()(std::vector<std::int64_t>* target) const {
    const auto* list = std::get_if<std::vector<std::int64_t>>(&input);
    const auto fits = [&](std::int64_t width) { return within(setting, width); };
    if (!list || !std::all_of(list->begin(), list->end(), fits)) return false;
    *target = *list;
    return true;
  }
};

/// Text to what the target holds; the text itself where it cannot be read so, for assign() to refuse.
struct FromText {
  const std::string& text;

  template <class T>
  SettingInput value_or_text(const std::optional<T>& value) const {
    return value ? SettingInput(*value) : SettingInput(text);
  }
  SettingInput operator()(const std::int64_t*) const {
    return value_or_text(parse_number<std::int64_t>(text));
  }
  SettingInput operator()(const double*) const { return value_or_text(parse_number<double>(text)); }
  SettingInput operator()(const bool*) const {
    return text == "true" || text == "false" ? SettingInput(text == "true") : SettingInput(text);
  }
  SettingInput operator()(const std::string*) const { return text; }
  SettingInput operator()(const std::vector<std::int64_t>*) const { return value_or_text(parse_list(text)); }
};

std::string bounds(const Setting& setting) {
  if (setting.above_low) return fmt::format("above {} and at most {}", setting.low, setting.high);
  if (setting.high >= kUnbounded) return fmt::format("from {} up", setting.low);
  if (setting.high > 0.9 && setting.high < 1) return fmt::format("from {} to below 1", setting.low);
  return fmt::format("from {} to {:.0f}", setting.low, setting.high);
}

}  // namespace

std::string expectation(const Setting& setting) {
  struct {
    const Setting& s;
    std::string operator()(const std::int64_t*) const { return "an integer " + bounds(s); }
    std::string operator()(const double*) const { return "a number " + bounds(s); }
    std::string operator()(const std::vector<std::int64_t>*) const {
      return "integers " + bounds(s) + ", as 128,256";
    }
    std::string operator()(const bool*) const { return "true or false"; }
    std::string operator()(const std::string*) const {
      return s.choices.empty() ? "text" : fmt::format("one of {}", fmt::join(s.choices, ", "));
    }
  } describe{setting};
  return std::visit(describe, setting.target);
}

void assign(const Setting& setting, const SettingInput& input, const std::string& place) {
  if (std::visit(Assign{setting, input}, setting.target)) return;
  throw ConfigurationError(fmt::format("{}: expected {}, got {}", place, expectation(setting), shown(input)));
}

void assign_text(const Setting& setting, const std::string& text, const std::string& place) {
  assign(setting, std::visit(FromText{text}, setting.target), place);
}

}  // namespace agon::host
