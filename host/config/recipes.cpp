#include "host/config/recipes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "engine/table/suggestion.hpp"
#include "host/config/toml.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {

std::string_view Recipe::summary() const {
  const std::string_view line = text.substr(0, text.find('\n'));
  return line.substr(std::min(line.size(), line.find_first_not_of("# ")));
}

void apply_recipe(std::string_view name, Settings& settings) {
  const auto all = recipes();
  const auto found = std::ranges::find(all, name, &Recipe::name);
  if (found == all.end()) {
    std::vector<std::string> names;
    for (const Recipe& recipe : all) names.emplace_back(recipe.name);
    throw ConfigurationError(fmt::format("--recipe: expected one of {}, got {}{}", fmt::join(names, ", "),
                                         in_quotes(name), suggestion(name, names)));
  }
  read_toml_text(found->text, fmt::format("recipe {}", name), settings);
  settings.run.from_recipe = name;
}

Settings recipe_settings(std::string_view name) {
  Settings settings;
  apply_recipe(name, settings);
  return settings;
}

std::string recipe_text(const Settings& settings) {
  const std::string name = settings.run.from_recipe;
  if (std::ranges::find(recipes(), name, &Recipe::name) == recipes().end())
    return in_quotes(name) + ", which this version does not know";
  Settings then = recipe_settings(name), now = settings;
  const auto before = all_settings(then), after = all_settings(now);
  std::vector<std::string> changes;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Setting& setting = after[i];
    const bool own =
        setting.section == "training" && (setting.key == "seed" || setting.key == "epochs" ||
                                          setting.key == "replicas" || setting.key == "held_out");
    const bool left_open = setting_text(before[i]) == "[]";  // the images' size says
    if (is_of_training(setting) && !own && !left_open && setting_text(before[i]) != setting_text(setting))
      changes.push_back(fmt::format("{} = {}", setting.path(), setting_text(setting)));
  }
  return changes.empty() ? name : fmt::format("{}, but {}", name, fmt::join(changes, ", "));
}

std::string recipe_list() {
  std::size_t widest = 0;
  for (const Recipe& recipe : recipes()) widest = std::max(widest, recipe.name.size());
  std::string text;
  for (const Recipe& recipe : recipes())
    text += fmt::format("{:<{}}  {}\n", recipe.name, widest, recipe.summary());
  return text;
}

}  // namespace agon::host
