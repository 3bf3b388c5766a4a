// Decoding, turning and scaling as Pillow does them (tests/golden/make_images.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/host/read_images_cases.hpp"

namespace agon::host {
namespace {

ImageFit fit_named(const std::string& name) {
  return name == "crop"      ? ImageFit::crop
         : name == "pad"     ? ImageFit::pad
         : name == "stretch" ? ImageFit::stretch
                             : ImageFit::refuse;
}

TEST(ReadImagesGolden, NoPixelIsMoreThanOneLevelFromPillows) {
  const std::filesystem::path golden = std::filesystem::path(AGON_SOURCE_FOLDER) / "tests/golden/images";
  const auto index = nlohmann::json::parse(test::content_of(golden / "index.json"));
  const std::string expected = test::content_of(golden / "expected.bin");
  ASSERT_GT(index.size(), 50u);
  for (const auto& one : index) {
    const test::TemporaryFolder folder;
    const std::string file = one.at("file");
    for (const char* copy : {"1", "2"}) std::filesystem::copy_file(golden / file, folder / copy);
    const ImageReading options{.height = one.at("height"),
                               .width = one.at("width"),
                               .fit = fit_named(one.at("fit")),
                               .channels = one.at("channels"),
                               .threads = 1};
    const ImageSet set = read_images(folder.path(), options).set;
    const auto size = static_cast<std::size_t>(set.shape.size());
    ASSERT_LE(one.at("at").get<std::size_t>() + size, expected.size());
    int worst = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const auto want = static_cast<std::uint8_t>(expected[one.at("at").get<std::size_t>() + i]);
      worst = std::max(worst, std::abs(set.pixels[i] - want));
    }
    EXPECT_LE(worst, 1) << one;
  }
}

}  // namespace
}  // namespace agon::host
