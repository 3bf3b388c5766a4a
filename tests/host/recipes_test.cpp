// Every recipe that the program carries: that it can be read, stands for what it says, and trains.
#include "host/config/recipes.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "engine/gan/gan.hpp"
#include "engine/records/table_recipe.hpp"
#include "host/config/toml.hpp"
#include "kernels/error.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::host {
namespace recipes_test {

/// Rows of four correlated columns, about standardised.
std::vector<float> table(std::int64_t rows) {
  std::vector<float> values;
  for (std::int64_t row = 0; row < rows; ++row) {
    const double t = 0.37 * static_cast<double>(row);
    for (int column = 0; column < 4; ++column)
      values.push_back(static_cast<float>(1.4 * std::sin(t + 0.5 * column)));
  }
  return values;
}

TEST(Recipes, AreTheFilesOfTheirFolder) {
  std::set<std::string> files, carried;
  for (const auto& entry : std::filesystem::directory_iterator(AGON_SOURCE_FOLDER "/host/recipes")) {
    const auto& path = entry.path();
    if (path.extension() == ".toml") files.insert(path.stem().string());
  }
  for (const Recipe& recipe : recipes()) {
    carried.insert(std::string(recipe.name));
    const std::string name(recipe.name);
    EXPECT_EQ(recipe.text, test::content_of(AGON_SOURCE_FOLDER "/host/recipes/" + name + ".toml")) << name;
  }
  EXPECT_EQ(carried, files);
  EXPECT_GE(carried.size(), 3u);
  EXPECT_TRUE(std::ranges::is_sorted(recipes(), {}, &Recipe::name));
}

/// A library that learns a table (engine/records/table.hpp) does what the program does.
TEST(Recipes, OfTablesAreTheEnginesToo) {
  const RecordLayout layout{{3, 4}, {-1, 4}};
  for (const std::uint64_t steps : {400u, 10000u})
    EXPECT_EQ(gan_config(recipe_settings("table"), layout, steps), table_config(layout, steps));
  EXPECT_EQ(table_steps(100, 500), 600u);
  EXPECT_EQ(table_steps(5001, 500), 2501u);
  EXPECT_EQ(table_steps(1000000, 500), 10000u);
}

TEST(Recipes, SayWhatTheyAreAndWhereTheyComeFrom) {
  for (const Recipe& recipe : recipes()) {
    EXPECT_TRUE(recipe.text.starts_with("# ")) << recipe.name;
    EXPECT_TRUE(recipe.summary().ends_with('.')) << recipe.name;
    EXPECT_LE(recipe.summary().size(), 110u) << recipe.name;
    EXPECT_NE(recipe.text.find("\n# Source: "), recipe.text.npos) << recipe.name;
    EXPECT_NE(recipe.text.find("\n# For: "), recipe.text.npos) << recipe.name;
    EXPECT_NE(recipe_list().find(std::string(recipe.summary()) + "\n"), std::string::npos);
  }
}

/// Table, folder, seed and device are the run's own affair, but for how a table is coded.
TEST(Recipes, SetNothingButTheTraining) {
  for (const Recipe& recipe : recipes()) {
    Settings with = recipe_settings(recipe.name), without;
    const auto set = all_settings(with), unset = all_settings(without);
    for (std::size_t i = 0; i < set.size(); ++i) {
      const std::string path = set[i].path();
      const bool own = set[i].section == "data" || set[i].section == "run" || set[i].section == "device" ||
                       path == "training.seed" || path == "training.replicas";
      if (own && path != "run.from_recipe" && path != "data.coding" && path != "data.conditions") {
        EXPECT_EQ(setting_text(set[i]), setting_text(unset[i])) << recipe.name << ": " << path;
      }
    }
    EXPECT_EQ(with.run.from_recipe, recipe.name);
  }
}

/// A Gan of the recipe with what it can learn, small.
Gan gan_with_data(Settings settings) {
  constexpr std::int64_t kRows = 200;
  if (settings.data.coding == "images") {
    const kernels::ImageShape shape{8, 12, 1};
    settle_image_layers(settings, shape);
    Gan gan(gan_config(settings, shape, {}, 50), Device::cpu(1));
    std::vector<std::uint8_t> images(static_cast<std::size_t>(kRows * shape.size()));
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<std::uint8_t>(i * i % 251);
    gan.set_images(images, kRows);
    return gan;
  }
  Gan gan(gan_config(settings, 4, 50), Device::cpu(1));
  gan.set_data(table(kRows), kRows);
  return gan;
}

TEST(Recipes, Train) {
  for (const Recipe& recipe : recipes()) {
    SCOPED_TRACE(std::string(recipe.name));
    Gan gan = gan_with_data(recipe_settings(recipe.name));
    const std::vector<float> before = gan.parameter("generator.0.weight");
    ASSERT_EQ(gan.train(6), 6u);
    EXPECT_FALSE(gan.diverged());
    EXPECT_NE(gan.parameter("generator.0.weight"), before);
    for (const StepStatistics& step : gan.statistics()) {
      EXPECT_TRUE(std::isfinite(step.discriminator_loss));
      EXPECT_TRUE(std::isfinite(step.generator_loss));
    }
    for (const float value : gan.sample(16, 1)) ASSERT_TRUE(std::isfinite(value));
  }
}

TEST(Recipes, AreKeptByARunsOwnConfiguration) {
  for (const Recipe& recipe : recipes()) {
    Settings settings = recipe_settings(recipe.name), back;
    settings.gan.batch = 17;
    read_toml_text(to_toml(settings), "config.toml", back);
    EXPECT_EQ(to_toml(back), to_toml(settings));
    EXPECT_EQ(recipe_text(back), std::string(recipe.name) + ", but training.batch = 17");
  }
}

SettingValue another_value(const Setting& setting) {
  SettingValue another = setting.value();
  std::visit(
      [&](auto& value) {
        using Value = std::remove_reference_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::string>)
          value = setting.choices.empty() ? value + "x" : setting.choices[value == setting.choices[0]];
        if constexpr (std::is_same_v<Value, bool>) value = !value;
        if constexpr (std::is_same_v<Value, std::vector<std::int64_t>>) value.push_back(7);
        if constexpr (std::is_same_v<Value, double> || std::is_same_v<Value, std::int64_t>) value += 1;
      },
      another);
  return another;
}

/// Each setting in turn has another value.
TEST(Recipes, EveryChangeOfTheTrainingIsSaid) {
  std::set<std::string> sections;
  Settings settings;
  for (std::size_t i = 0; i < all_settings(settings).size(); ++i) {
    settings = recipe_settings("wgan-gp");
    const Setting setting = all_settings(settings)[i];
    const bool said = is_of_training(setting) && setting.key != "seed" && setting.key != "epochs" &&
                      setting.key != "replicas" && setting.key != "held_out";
    if (setting.path() == "run.from_recipe") continue;
    setting.set(another_value(setting));
    const std::string change = fmt::format(", but {} = {}", setting.path(), setting_text(setting));
    EXPECT_EQ(recipe_text(settings), said ? "wgan-gp" + change : "wgan-gp");
    if (said) sections.insert(setting.section);
  }
  EXPECT_EQ(sections,
            (std::set<std::string>{"augmentation", "discriminator", "generator", "penalties", "training"}));
}

TEST(Recipes, OnesNameAloneChangesNothing) {
  Settings settings;
  read_toml_text("[run]\nfrom_recipe = \"wgan-gp\"\n", "x.toml", settings);
  EXPECT_EQ(settings.gan.objective, Settings().gan.objective);
  EXPECT_TRUE(recipe_text(settings).starts_with("wgan-gp, but ")) << recipe_text(settings);
  EXPECT_NE(recipe_text(settings).find("training.objective = \"non-saturating\""), std::string::npos);
  settings.run.from_recipe = "of\nyesterday";
  EXPECT_EQ(recipe_text(settings), "'of\\x0ayesterday', which this version does not know");
}

TEST(Recipes, TheDefaultIsOneOfThem) {
  EXPECT_NE(std::ranges::find(recipes(), kDefaultRecipe, &Recipe::name), recipes().end());
}

/// The engine's defaults are the article's.
TEST(Recipes, TheArticlesAreTheLibrarysDefaults) {
  EXPECT_EQ(recipe_text([] {
              Settings settings;
              settings.run.from_recipe = "article";
              return settings;
            }()),
            "article");
}

TEST(Recipes, AnUnknownNameGetsTheListAndASuggestion) {
  const auto refusal = [](std::string_view name) -> std::string {
    try {
      recipe_settings(name);
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return "";
  };
  const std::string text = refusal("dragon");
  for (const Recipe& recipe : recipes()) EXPECT_NE(text.find(recipe.name), text.npos) << text;
  EXPECT_TRUE(text.ends_with("got 'dragon'; did you mean 'dragan'?")) << text;
  EXPECT_EQ(refusal("a\nb").find('\n'), std::string::npos);
  EXPECT_NE(refusal(""), "");
}

}  // namespace recipes_test
}  // namespace agon::host
