#include "host/cli/named_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "host/config/assign.hpp"
#include "host/config/recipes.hpp"
#include "host/config/toml.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

NamedSettings recipe_row(std::string_view name, const Settings& defaults) {
  NamedSettings row{std::string(name), recipe_settings(name)};
  if (row.settings.data.coding == "images") return row;
  row.settings.gan.generator.widths = defaults.gan.generator.widths;
  row.settings.gan.discriminator.widths = defaults.gan.discriminator.widths;
  return row;
}

}  // namespace

void assign_flags(const std::vector<FlagValue>& flags, Settings& settings) {
  const std::vector<Setting> known = all_settings(settings);
  for (const FlagValue& flag : flags) {
    const auto setting =
        std::ranges::find_if(known, [&](const Setting& s) { return s.path() == flag.setting; });
    assign_text(*setting, flag.text, fmt::format("--{}", setting->flag));
  }
}

std::vector<NamedSettings> named_settings(const std::vector<std::string>& recipe_names,
                                          const std::vector<std::string>& configs,
                                          const std::vector<FlagValue>& flags, const Settings& defaults) {
  std::vector<NamedSettings> rows;
  for (const std::string& name : recipe_names) {
    if (name == "all") {
      for (const Recipe& recipe : recipes())
        if (NamedSettings row = recipe_row(recipe.name, defaults); row.settings.data.coding != "images")
          rows.push_back(std::move(row));
    } else {
      rows.push_back(recipe_row(name, defaults));
    }
  }
  for (const std::string& file : configs) {
    rows.push_back({std::filesystem::path(file).stem().string(), defaults});
    read_toml(file, rows.back().settings);
  }
  if (rows.empty()) rows.push_back({"default", defaults});
  std::set<std::string> names;
  for (NamedSettings& row : rows) {
    assign_flags(flags, row.settings);
    if (!names.insert(row.name).second)
      throw ConfigurationError(fmt::format("two rows are named '{}'", row.name));
  }
  return rows;
}

}  // namespace agon::host
