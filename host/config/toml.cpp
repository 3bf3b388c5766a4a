#include "host/config/toml.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include "engine/table/suggestion.hpp"
#include "host/config/assign.hpp"
#include "host/config/toml_document.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream content;
  if (std::filesystem::is_directory(file) || !stream ||
      !(content << stream.rdbuf() || stream.peek() == EOF)) {
    throw ConfigurationError(fmt::format("{}: cannot read this configuration file", file.string()));
  }
  return content.str();
}

/// A value as assign() takes it; nothing for kinds that no setting has.
std::optional<SettingValue> input(const toml::node& node) {
  if (const auto* number = node.as_integer()) return SettingValue(number->get());
  if (const auto* number = node.as_floating_point()) return SettingValue(number->get());
  if (const auto* truth = node.as_boolean()) return SettingValue(truth->get());
  if (const auto* text = node.as_string()) return SettingValue(text->get());
  if (const auto* array = node.as_array()) {
    std::vector<std::int64_t> list;
    for (const toml::node& item : *array) {
      if (!item.is_integer()) return std::nullopt;
      list.push_back(item.as_integer()->get());
    }
    return SettingValue(std::move(list));
  }
  return std::nullopt;
}

std::string kind(const toml::node& node) {
  if (node.is_array()) return "an array of other things";
  if (node.is_table()) return "a table";
  return "a date or time";
}

void read_key(const std::string& source, std::string_view section, const toml::key& key,
              const toml::node& node, const std::vector<Setting>& settings) {
  const std::string name = fmt::format("{}.{}", section, key.str());
  const auto found =
      std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.path() == name; });
  if (found == settings.end()) {
    std::vector<std::string> names;
    for (const Setting& setting : settings) names.push_back(setting.path());
    throw ConfigurationError(fmt::format("{}: unknown key '{}'{}", toml_place(source, key.source().begin),
                                         name, suggestion(name, names)));
  }
  const std::string at = fmt::format("{}: {}", toml_place(source, node.source().begin), name);
  const std::optional<SettingValue> value = input(node);
  if (!value)
    throw ConfigurationError(fmt::format("{}: expected {}, got {}", at, expectation(*found), kind(node)));
  assign(*found, *value, at);
}

}  // namespace

void read_toml(const std::filesystem::path& file, Settings& settings) {
  read_toml_text(content(file), file.string(), settings);
}

void read_toml_text(std::string_view text, const std::string& source, Settings& settings) {
  const toml::table document = parse_toml(text, source);
  const std::vector<Setting> known = all_settings(settings);
  for (const auto& [key, node] : document) {
    const std::string_view section = key.str();
    const auto* table = node.as_table();
    const auto is_section = [&](const Setting& s) { return s.section == section; };
    if (table == nullptr || std::none_of(known.begin(), known.end(), is_section)) {
      std::vector<std::string> names;
      for (const Setting& s : known) names.push_back(table ? std::string(s.section) : std::string(s.key));
      const auto match =
          std::find_if(known.begin(), known.end(), [&](const Setting& s) { return s.key == section; });
      const std::string hint = !table && match != known.end()
                                   ? fmt::format("; it belongs under [{}]", match->section)
                                   : suggestion(section, names);
      throw ConfigurationError(fmt::format("{}: unknown {} '{}'{}", toml_place(source, key.source().begin),
                                           table ? "section" : "key", section, hint));
    }
    for (const auto& [inner_key, inner_node] : *table)
      read_key(source, section, inner_key, inner_node, known);
  }
}

std::string to_toml(const Settings& settings) {
  Settings copy = settings;
  std::string text;
  std::string_view section;
  for (const Setting& setting : all_settings(copy)) {
    if (setting.section != section) {
      text += fmt::format("{}[{}]\n", section.empty() ? "" : "\n", setting.section);
      section = setting.section;
    }
    std::string line = fmt::format("{} = {}", setting.key, setting_text(setting));
    text += fmt::format("{:<34}  # {}\n", line, setting.text);
  }
  return text;
}

}  // namespace agon::host
