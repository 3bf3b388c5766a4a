// Games between networks of images, whole: images, losses and every gradient of a step, penalties among them,
// against PyTorch (tests/golden/make_image_games.py).
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "engine/gan/config_names.hpp"
#include "engine/gan/gan.hpp"
#include "tests/test_device.hpp"

namespace agon {
namespace image_golden_test {

using nlohmann::json;

const json& cases() {
  static const json content = json::parse(std::ifstream(AGON_GOLDEN_FOLDER "/image_games.json"));
  return content.at("cases");
}

struct ImageCase {
  const char* name;
};
void PrintTo(const ImageCase& c, std::ostream* out) { *out << c.name; }

constexpr ImageCase kImageCases[] = {
    {"dcgan"},          {"penalised"},          {"six_taps"},          {"two_taps"},
    {"residual"},       {"residual_one_size"},  {"augmented"},         {"augmented_some"},
    {"dcgan_by_class"}, {"penalised_by_class"}, {"residual_by_class"}, {"odd_sides"}};

const json& case_named(const std::string& name) {
  for (const json& c : cases())
    if (c.at("name") == name) return c;
  throw std::out_of_range(name);
}

GanConfig config_of(const json& c) {
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
void expect_near(const std::vector<float>& got, const json& wanted, double tolerance,
                 const std::string& what) {
  const auto values = wanted.get<std::vector<double>>();
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  ASSERT_EQ(got.size(), values.size()) << what;
  ASSERT_TRUE(largest > 0 || values.size() == 1) << what;  // of one bias the hinge's terms may cancel
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], values[i], tolerance * largest + 1e-7) << what << "[" << i << "]";
}

class ImageGame : public testing::TestWithParam<std::tuple<ImageCase, test::TestDevice>> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(std::get<1>(GetParam())); }
  const json& golden() const { return case_named(std::get<0>(GetParam()).name); }
  Device device() const { return std::get<1>(GetParam()).get(); }
};

TEST_P(ImageGame, EqualsPyTorchs) {
  const json& c = golden();
  const GanConfig config = config_of(c);
  // The simulated device takes a second for some 50 launches: without passes they are the processor's to do.
  const bool simulated = std::get<1>(GetParam()).name() == "simulated";
  for (const char* const fuse : {"none", "all"}) {
    if (simulated && fuse == std::string("none")) continue;
    Gan gan(config, device(), {.fuse = fuse});
    for (const json& tensor : c.at("tensors"))
      gan.set_parameter(tensor.at("name").get<std::string>(), tensor.at("value").get<std::vector<float>>());
    const auto noise = c.at("noise").get<std::vector<float>>();
    const StepStatistics got = gan.step(c.at("real").get<std::vector<float>>(), noise);
    const auto losses = c.at("losses").get<std::vector<double>>();
    EXPECT_NEAR(got.discriminator_loss + got.penalty, losses[0], 1e-5 * std::abs(losses[0]) + 1e-6);
    EXPECT_NEAR(got.generator_loss, losses[1], 1e-5 * std::abs(losses[1]) + 1e-6);
    for (const json& tensor : c.at("tensors")) {
      const auto name = tensor.at("name").get<std::string>();
      if (config.objective == Objective::relativistic || config.objective == Objective::wasserstein)
        if (tensor.at("value").size() == 1 && name.ends_with("bias")) continue;  // shifts of logits cancel
      expect_near(gan.gradient(name), tensor.at("gradient"), 2e-5,
                  c.at("name").get<std::string>() + " " + name);
    }
    if (config.generator.norm == NormKind::none)  // else it would be by running statistics
      expect_near(gan.generate(std::span(noise).first(noise.size() / 2)), c.at("fakes"), 1e-5, "fakes");
  }
}

INSTANTIATE_TEST_SUITE_P(Games, ImageGame,
                         testing::Combine(testing::ValuesIn(kImageCases),
                                          testing::ValuesIn(test::test_devices())),
                         test::case_on_device);

TEST(ImageGolden, HasItsCases) { EXPECT_EQ(cases().size(), std::size(kImageCases)); }

}  // namespace image_golden_test
}  // namespace agon
