// Games between networks of images, whole: images, losses and every gradient of a step, penalties among them,
// against PyTorch (tests/golden/make_image_games.py).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "engine/gan/gan.hpp"
#include "tests/engine/image_game.hpp"
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

class ImageGame : public testing::TestWithParam<std::tuple<ImageCase, test::TestDevice>> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(std::get<1>(GetParam())); }
  const json& golden() const { return case_named(std::get<0>(GetParam()).name); }
  Device device() const { return std::get<1>(GetParam()).get(); }
};

TEST_P(ImageGame, EqualsPyTorchs) {
  const json& c = golden();
  const GanConfig config = test::image_game(c);
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
      test::expect_near_golden(gan.gradient(name), tensor.at("gradient"), 2e-5,
                               c.at("name").get<std::string>() + " " + name);
    }
    if (config.generator.norm == NormKind::none)  // else it would be by running statistics
      test::expect_near_golden(gan.generate(std::span(noise).first(noise.size() / 2)), c.at("fakes"), 1e-5,
                               "fakes");
  }
}

INSTANTIATE_TEST_SUITE_P(Games, ImageGame,
                         testing::Combine(testing::ValuesIn(kImageCases),
                                          testing::ValuesIn(test::test_devices())),
                         test::case_on_device);

TEST(ImageGolden, HasItsCases) { EXPECT_EQ(cases().size(), std::size(kImageCases)); }

}  // namespace image_golden_test
}  // namespace agon
