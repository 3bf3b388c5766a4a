// Recipes: ways to train that earned a name. Each is a file of settings, host/recipes/NAME.toml, which the
// build puts into the program.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "host/config/settings.hpp"

namespace agon::host {

struct Recipe {
  std::string_view name;  ///< of its file, without ".toml"
  std::string_view text;  ///< the file
  /// What it is, in one line: the file's first, a comment.
  std::string_view summary() const;
};

/// What trains where no other is named: the winner of the benchmarks (bench/README.md), of tables of records,
/// of those of numbers alone, and of images.
inline constexpr std::string_view kDefaultRecipe = "table";
inline constexpr std::string_view kDefaultOfNumbers = "r3";
inline constexpr std::string_view kDefaultOfImages = "dcgan";

/// All of them, by name.
std::span<const Recipe> recipes();

/// Takes over what the recipe sets, and notes its name in settings.run.from_recipe. Throws
/// ConfigurationError, one line with all names, and the nearest where one is near, for a name that is none.
void apply_recipe(std::string_view name, Settings& settings);

/// The defaults with that recipe on them. Throws as apply_recipe().
Settings recipe_settings(std::string_view name);

/// The name in settings.run.from_recipe and what differs from it now: "hinge, but training.batch = 128". What
/// every run has of its own (table, seed, epochs, folder, device) is not counted.
std::string recipe_text(const Settings& settings);

/// A line for each: its name and summary.
std::string recipe_list();

}  // namespace agon::host
