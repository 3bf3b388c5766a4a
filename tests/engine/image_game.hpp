// Games of images in golden files (tests/golden/make_image_games.py, make_burn_in.py): a case's
// configuration, and what is near to a golden tensor.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/gan/config_names.hpp"
#include "engine/gan/gan.hpp"

namespace agon::test {

/// Without what its players learn by: its rates are 0.
inline GanConfig image_game(const nlohmann::json& c) {
  const auto image = c.at("image").get<std::vector<std::int64_t>>();
  const auto kernel = c.at("kernel").get<std::int64_t>();
  const auto norm = [&](const char* player) {
    return c.at(std::string(player) + "_norm").get<bool>() ? NormKind::batch : NormKind::none;
  };
  const auto layout = [&](ImageRole role) {
    ImageLayout its{.role = role, .shape = {image[0], image[1], image[2]}, .kernel = kernel};
    its.blocks = c.value("blocks", its.blocks);
    its.group_channels = c.value("group_channels", its.group_channels);
    its.expansion = c.value("expansion", its.expansion);
    return its;
  };
  const Residual residual = c.contains("blocks") ? Residual::add : Residual::none;
  GanConfig config;
  config.generator = {.widths = c.at("generator"),
                      .slope = c.at("generator_slope").get<float>(),
                      .norm = norm("generator"),
                      .residual = residual,
                      .output = value_named<ActivationKind>(c.value("output", "tanh")),
                      .images = layout(ImageRole::makes)};
  config.discriminator = {.widths = c.at("discriminator"),
                          .slope = c.at("slope").get<float>(),
                          .norm = norm("discriminator"),
                          .residual = residual,
                          .images = layout(ImageRole::reads)};
  config.discriminator.images.classes = c.value("classes", 0);
  config.generator.records.conditions.shares.assign(static_cast<std::size_t>(config.classes()), 1);
  config.objective = parse_objective(c.at("objective").get<std::string>());
  config.penalties = {.r1 = c.at("r1").get<double>(), .r2 = c.at("r2").get<double>()};
  config.batch = c.at("batch").get<std::int64_t>();
  if (c.contains("augmentation"))
    config.augmentation = {.mode = AugmentationMode::fixed,
                           .probability = c.at("augmentation").get<double>(),
                           .flip = true,
                           .cutout = true};
  config.generator_rate = config.discriminator_rate = 0;
  return config;
}

/// Within `tolerance` of the largest of them.
inline void expect_near_golden(const std::vector<float>& got, const nlohmann::json& wanted, double tolerance,
                               const std::string& what) {
  const auto values = wanted.get<std::vector<double>>();
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  ASSERT_EQ(got.size(), values.size()) << what;
  ASSERT_TRUE(largest > 0 || values.size() == 1) << what;  // of one bias the hinge's terms may cancel
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], values[i], tolerance * largest + 1e-7) << what << "[" << i << "]";
}

}  // namespace agon::test
