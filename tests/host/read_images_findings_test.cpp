// What reading images says that it did to them.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/host/read_images_cases.hpp"

namespace agon::host {
namespace {

using namespace agon::test;

/// Files by name, read.
ReadImages read_files(const std::vector<std::pair<std::string, std::string>>& files,
                      const ImageReading& options = {}) {
  const TemporaryFolder folder;
  for (const auto& [name, content] : files) put_below(folder / name, content);
  return read_images(folder.path(), options);
}

void expect_finding(const ReadImages& read, const std::string& words) {
  EXPECT_NE(finding_with(read.findings, words), "")
      << words << "\n is not among " << testing::PrintToString(read.findings);
}

TEST(ReadImagesFindings, SizesThatWereChanged) {
  const ImageReading square{.height = 4, .width = 4, .fit = ImageFit::crop};
  const ReadImages cropped = read_files({{"1.png", grey_png(8, 6)},
                                         {"2.png", grey_png(4, 4)},
                                         {"3.png", grey_png(8, 6)},
                                         {"4.png", grey_png(2, 2)}},
                                        square);
  expect_finding(cropped, "2 images cropped to the centre, in the proportions of 4 x 4: 2 of 8 x 6");
  expect_finding(cropped, "2 images scaled down (triangle filter, antialiased) to lie in 4 x 4: 2 of 8 x 6");
  expect_finding(cropped, "1 image enlarged (linear interpolation) to lie in 4 x 4: 1 of 2 x 2");
  ImageReading other = square;
  other.fit = ImageFit::pad;
  const ReadImages padded =
      read_files({{"1.png", plain_png(4, 2, 200)}, {"2.png", plain_png(4, 4, 9)}}, other);
  expect_finding(padded, "1 image padded with black to 4 x 4: 1 of 4 x 2");
  const std::vector<std::uint8_t> line{0, 200, 200, 0};
  EXPECT_TRUE(std::equal(line.begin(), line.end(), padded.set.pixels.begin()));
  other.fit = ImageFit::stretch;
  const ReadImages stretched = read_files({{"1.png", grey_png(4, 2)}, {"2.png", grey_png(4, 4)}}, other);
  expect_finding(stretched, "1 image of other proportions stretched to 4 x 4: 1 of 4 x 2");
}

TEST(ReadImagesFindings, TheCommonestSizesAreNamed) {
  std::vector<std::pair<std::string, std::string>> files;
  for (std::uint32_t i = 0; i < 7; ++i)
    files.emplace_back(std::to_string(i) + ".png", grey_png(10 + i / 2, 10));
  const ReadImages read = read_files(files, {.height = 5, .width = 5, .fit = ImageFit::stretch});
  expect_finding(read, ": 2 of 10 x 10, 2 of 11 x 10, 2 of 12 x 10 and 1 of 1 other sizes");
}

TEST(ReadImagesFindings, ChannelsAreWhatMostImagesHave) {
  const std::string colour = PngFile{.type = PNG_COLOR_TYPE_RGB}.bytes(), grey = grey_png(4, 4);
  const ReadImages mostly_grey = read_files({{"1.png", grey}, {"2.png", colour}, {"3.png", grey}});
  EXPECT_EQ(mostly_grey.set.shape.channels, 1);
  expect_finding(mostly_grey, "1 image in colour, made grey (0.299 R + 0.587 G + 0.114 B)");
  const ReadImages as_many = read_files({{"1.png", grey}, {"2.png", colour}});
  EXPECT_EQ(as_many.set.shape.channels, 3);
  expect_finding(as_many, "1 image grey, made RGB");
  EXPECT_EQ(read_files({{"1.png", grey}, {"2.png", colour}}, {.channels = 1}).set.shape.channels, 1);
}

TEST(ReadImagesFindings, GreyStoredAsColourIsFound) {
  PngFile file{.type = PNG_COLOR_TYPE_RGB};
  for (int i = 0; i < 16; ++i) file.rows.insert(file.rows.end(), 3, static_cast<std::uint8_t>(i));
  expect_finding(read_files({{"1.png", file.bytes()}, {"2.png", file.bytes()}}),
                 "every image is grey, stored as RGB");
}

TEST(ReadImagesFindings, AlphaIsLaidOnBlack) {
  const PngFile file{
      .height = 1, .width = 3, .type = PNG_COLOR_TYPE_GRAY_ALPHA, .rows = {200, 255, 200, 0, 200, 51}};
  const ReadImages read = read_files({{"1.png", file.bytes()}, {"2.png", plain_png(1, 3, 7)}});
  expect_finding(read, "1 image with transparency (alpha), laid on black");
  EXPECT_EQ(std::vector<std::uint8_t>(read.set.pixels.begin(), read.set.pixels.begin() + 3),
            (std::vector<std::uint8_t>{200, 0, 40}));
}

TEST(ReadImagesFindings, PalettesAndFewBits) {
  const PngFile palette{.height = 1,
                        .width = 2,
                        .depth = 4,
                        .type = PNG_COLOR_TYPE_PALETTE,
                        .palette = {{1, 2, 3}, {40, 50, 60}},
                        .transparent = {0, 255},
                        .rows = {0x10}};
  const ReadImages read = read_files({{"1.png", palette.bytes()}, {"2.png", palette.bytes()}});
  expect_finding(read, "2 images with a palette, read as its colours");
  EXPECT_EQ(std::vector<std::uint8_t>(read.set.pixels.begin(), read.set.pixels.begin() + 6),
            (std::vector<std::uint8_t>{40, 50, 60, 0, 0, 0}));
  const PngFile bits{.height = 1, .width = 8, .depth = 1, .rows = {0xA1}};
  EXPECT_EQ(std::vector<int>({255, 0, 255, 0, 0, 0, 0, 255}), [&] {
    const ReadImages two = read_files({{"1.png", bits.bytes()}, {"2.png", bits.bytes()}});
    return std::vector<int>(two.set.pixels.begin(), two.set.pixels.begin() + 8);
  }());
}

TEST(ReadImagesFindings, SixteenBitsAreScaledByTheSetsRange) {
  const PngFile low{.height = 1, .width = 2, .depth = 16, .rows = {0, 100, 8, 0}},  // 100, 2048
      high{.height = 1, .width = 2, .depth = 16, .rows = {0x0F, 0xFF, 0, 100}};     // 4095, 100
  const ReadImages read =
      read_files({{"1.png", low.bytes()}, {"2.png", high.bytes()}, {"3.png", grey_png(1, 2, {3, 4})}});
  expect_finding(
      read,
      "2 images of 16 bits, made bytes: from 100, the lowest value of the set, black, to 4095, the highest, "
      "white; the 1 of 8 bits are as they were");
  EXPECT_EQ(read.set.pixels, (std::vector<std::uint8_t>{0, 124, 255, 0, 3, 4}));  // 1948 * 255 / 3995 = 124.3
}

TEST(ReadImagesFindings, InterlacedImagesAreTheSame) {
  const PngFile file{.height = 13, .width = 9, .type = PNG_COLOR_TYPE_RGB};
  PngFile interlaced = file;
  interlaced.interlaced = true;
  ASSERT_NE(file.bytes(), interlaced.bytes());
  const ReadImages read = read_files({{"1.png", file.bytes()}, {"2.png", interlaced.bytes()}});
  EXPECT_TRUE(std::ranges::equal(read.set.image(0), read.set.image(1)));
}

TEST(ReadImagesFindings, JpegsOfFourInksAndTurnedOnes) {
  const JpegFile inks{.colours = JCS_CMYK};
  expect_finding(read_files({{"1.jpg", inks.bytes()}, {"2.jpg", inks.bytes()}}),
                 "2 images of four inks (CMYK JPEG), converted without a colour profile");
  const JpegFile turned{.height = 8, .width = 16, .orientation = 6}, straight{.height = 16, .width = 8};
  const ReadImages read = read_files({{"1.jpg", turned.bytes()}, {"2.jpg", straight.bytes()}});
  EXPECT_EQ(read.set.shape, (ImageShape{16, 8, 1}));
  expect_finding(read, "1 image turned or mirrored as EXIF says");
}

TEST(ReadImagesFindings, StrayBytesInAJpegAreSaid) {
  std::string stray = JpegFile{}.bytes();
  stray.insert(stray.find("\xFF\xDA"), "stray");
  const ReadImages read = read_files({{"1.jpg", JpegFile{}.bytes()}, {"2.jpg", stray}});
  expect_finding(read, "1 image with harmless faults in the JPEG file (stray bytes), the first: 2.jpg");
  EXPECT_TRUE(std::ranges::equal(read.set.image(0), read.set.image(1)));
}

TEST(ReadImagesFindings, DuplicatesAndConstantImages) {
  const ReadImages read = read_files({{"a/1.png", grey_png(4, 4)},
                                      {"a/2.png", plain_png(4, 4, 0)},
                                      {"b/1.png", grey_png(4, 4)},
                                      {"b/2.png", grey_png(4, 4)},
                                      {"b/3.png", plain_png(4, 4, 9)}});
  expect_finding(read,
                 "2 images exactly as an earlier one, the first: b/1.png, as a/1.png; 2 under another label");
  expect_finding(read, "2 images of one value all over, the first: a/2.png");
}

TEST(ReadImagesFindings, NothingIsSaidOfImagesThatNeedNothing) {
  const ReadImages read =
      read_files({{"1.png", grey_png(4, 4)}, {"2.jpg", JpegFile{.height = 4, .width = 4}.bytes()}});
  EXPECT_EQ(read.findings, std::vector<std::string>{});
}

}  // namespace
}  // namespace agon::host
