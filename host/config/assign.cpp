#include "host/config/assign.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "host/config/whole_number.hpp"
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

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::vector<std::int64_t>> parse_list(std::string_view text) {
  text = without_spaces(text);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']')
    text = without_spaces(text.substr(1, text.size() - 2));
  std::vector<std::int64_t> list;
  if (text.empty()) return list;
  for (;;) {
    const std::size_t comma = text.find(',');
    const auto number = parse_whole_number(without_spaces(text.substr(0, comma)));
    if (!number) return std::nullopt;
    list.push_back(*number);
    if (comma == std::string_view::npos) return list;
    text.remove_prefix(comma + 1);
  }
}

std::string shown(const SettingValue& input) {
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

/// Whether a value of the setting's kind is one that it takes.
struct Fits {
  const Setting& setting;

  bool operator()(std::int64_t value) const { return setting.bounds.hold(value); }
  bool operator()(double value) const { return setting.bounds.hold(value) || value == setting.besides; }
  bool operator()(bool) const { return true; }
  bool operator()(const std::string& text) const {
    return setting.choices.empty() || std::ranges::find(setting.choices, text) != setting.choices.end() ||
           std::ranges::find(setting.earlier, text) != setting.earlier.end();
  }
  bool operator()(const std::vector<std::int64_t>& list) const {
    return std::ranges::all_of(list, [&](std::int64_t width) { return setting.bounds.hold(width); });
  }
};

/// Text as a value of the kind it is called with; the text itself where it cannot be read so, for assign() to
/// refuse.
struct FromText {
  const std::string& text;

  template <class T>
  SettingValue value_or_text(const std::optional<T>& value) const {
    return value ? SettingValue(*value) : SettingValue(text);
  }
  SettingValue operator()(std::int64_t) const { return value_or_text(parse_whole_number(text)); }
  SettingValue operator()(double) const { return value_or_text(parse_number<double>(text)); }
  SettingValue operator()(bool) const {
    return text == "true" || text == "false" ? SettingValue(text == "true") : SettingValue(text);
  }
  SettingValue operator()(const std::string&) const { return text; }
  SettingValue operator()(const std::vector<std::int64_t>&) const { return value_or_text(parse_list(text)); }
};

std::string bounds_text(const Bounds& b) {
  if (b.above_low) return fmt::format("above {} and at most {}", b.low, b.high);
  return fmt::format("from {} to {}{}", b.low, b.below_high ? "below " : "", b.high);
}

}  // namespace

std::string expectation(const Setting& setting) {
  struct {
    const Setting& s;
    std::string operator()(std::int64_t) const {
      return whole_numbers_text(static_cast<std::int64_t>(s.bounds.low),
                                static_cast<std::int64_t>(s.bounds.high));
    }
    std::string operator()(double) const {
      return "a number " + bounds_text(s.bounds) + (s.besides ? fmt::format(", or {}", *s.besides) : "");
    }
    std::string operator()(const std::vector<std::int64_t>&) const {
      return "integers " + bounds_text(s.bounds) + ", as 128,256";
    }
    std::string operator()(bool) const { return "true or false"; }
    std::string operator()(const std::string&) const {
      return s.choices.empty() ? "text" : fmt::format("one of {}", fmt::join(s.choices, ", "));
    }
  } describe{setting};
  return std::visit(describe, setting.value());
}

void assign(const Setting& setting, const SettingValue& input, const std::string& place) {
  const std::size_t kind = setting.value().index();
  SettingValue value = input;
  if (kind == SettingValue(std::int64_t{0}).index())
    if (const auto* number = std::get_if<double>(&input))
      if (const auto whole = whole_number(*number)) value = *whole;
  if (kind == SettingValue(0.0).index())
    if (const auto* whole = std::get_if<std::int64_t>(&input)) value = static_cast<double>(*whole);
  if (const auto* const truth = std::get_if<bool>(&input); truth != nullptr && !setting.earlier.empty())
    value = std::string(*truth ? "true" : "false");
  if (value.index() == kind && std::visit(Fits{setting}, value)) return setting.set(value);
  throw ConfigurationError(fmt::format("{}: expected {}, got {}", place, expectation(setting), shown(input)));
}

void assign_text(const Setting& setting, const std::string& text, const std::string& place) {
  assign(setting, std::visit(FromText{text}, setting.value()), place);
}

}  // namespace agon::host
