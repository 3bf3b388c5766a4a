// Folders that cannot be read: one line each, with the file and the remedy.
#include <gtest/gtest.h>

#include <string_view>

#include "tests/host/read_images_cases.hpp"

namespace agon::host {
namespace {

using namespace agon::test;

TEST(ReadImagesErrors, ADamagedFileInTheMiddle) {
  const TemporaryFolder folder;
  for (const char* name : {"1.png", "3.png", "4.png"}) put(folder / name, grey_png(16, 16));
  const std::string whole = grey_png(16, 16), jpeg = JpegFile{.height = 16, .width = 16}.bytes();
  put(folder / "2.png", whole.substr(0, whole.size() - 30));
  testing::internal::CaptureStderr();
  expect_refused(folder.path(), folder / "2.png",
                 {"at byte ", "damaged PNG", "ends early", "restore the file"});
  std::string flipped = whole;
  flipped[whole.size() - 30] ^= 4;
  put(folder / "2.png", flipped);
  expect_refused(folder.path(), folder / "2.png", {"at byte ", "damaged PNG"});
  put(folder / "2.png", jpeg.substr(0, jpeg.size() - 20));
  expect_refused(folder.path(), folder / "2.png", {"at byte ", "damaged JPEG", "restore the file"});
  put(folder / "2.png", "GIF89a");
  expect_refused(folder.path(), folder / "2.png", {"at byte 0", "neither PNG nor JPEG", "convert"});
  put(folder / "2.png", "");
  expect_refused(folder.path(), folder / "2.png", {"at byte 0", "empty"});
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(ReadImagesErrors, TheFirstInOrderWins) {
  const TemporaryFolder folder;
  const std::string whole = grey_png(16, 16);
  for (int i = 100; i < 160; ++i)
    put(folder / (std::to_string(i) + ".png"), i < 131 ? whole : whole.substr(0, whole.size() - 30));
  for (int trial = 0; trial < 20; ++trial)
    expect_refused(folder.path(), folder / "131.png", {}, {.threads = 8});
}

TEST(ReadImagesErrors, MixedSizesNameBothFilesAndTheFlags) {
  const TemporaryFolder folder;
  put(folder / "1.png", grey_png(4, 6));
  put(folder / "2.png", grey_png(4, 5));
  expect_refused(folder.path(), folder / "2.png",
                 {"4 x 5", "1.png is 4 x 6", "--image-size", "--image-fit crop, stretch or pad"});
  expect_refused(folder.path(), folder / "1.png", {"4 x 6", "--image-size asks for 4 x 5"},
                 {.height = 4, .width = 5});
  expect_refused(folder.path(), folder.path(),
                 {"images of 2 sizes", "1 of 4 x 5, 1 of 4 x 6", "--image-size"}, {.fit = ImageFit::pad});
}

TEST(ReadImagesErrors, FoldersWithNothingOrOneImage) {
  const TemporaryFolder folder;
  expect_refused(folder.path(), folder.path(), {"no PNG or JPEG file"});
  put(folder / "scan.dcm", "x");
  expect_refused(folder.path(), folder.path(),
                 {"no PNG or JPEG file", "1 other file, the first: scan.dcm", "convert"});
  put(folder / "1.png", grey_png(4, 6));
  expect_refused(folder.path(), folder.path(), {"one image only", "at least two"});
  expect_refused(folder / "1.png", folder / "1.png", {"one image only", "folder"});
  expect_refused(folder / "scan.dcm", folder / "scan.dcm", {"neither a folder"});
  expect_refused(folder / "absent", folder / "absent", {"No such file"});
}

/// A PNG's first chunk with another size, and the right checksum.
std::string with_size(std::string png, std::uint32_t height, std::uint32_t width) {
  png.replace(16, 8, big_endian(width) + big_endian(height));
  const uLong sum = ::crc32(0, reinterpret_cast<const Bytef*>(png.data()) + 12, 17);
  png.replace(29, 4, big_endian(static_cast<std::uint32_t>(sum)));
  return png;
}

TEST(ReadImagesErrors, DecompressionBombsAreRefusedByTheirHeader) {
  const TemporaryFolder folder;
  put(folder / "1.png", grey_png(4, 4));
  for (const auto& [height, width] :
       {std::pair{20000u, 20000u}, {1u, 1u << 21}, {0x7FFFFFFFu, 0x7FFFFFFFu}}) {
    put(folder / "2.png", with_size(grey_png(4, 4), height, width));
    expect_refused(folder.path(), folder / "2.png", {"at most 268435456 pixels"});
  }
  std::string jpeg = JpegFile{}.bytes();
  const std::size_t frame = jpeg.find("\xFF\xC0");
  jpeg.replace(frame + 5, 4, "\xFF\xFF\xFF\xFF");
  put(folder / "2.png", jpeg);
  const std::string text = refusal(folder.path());
  EXPECT_TRUE(text.starts_with((folder / "2.png").string())) << text;
}

TEST(ReadImagesErrors, ASetThatWouldTakeTooMuchMemory) {
  const TemporaryFolder folder;
  put(folder / "1.png", grey_png(4, 4));
  put(folder / "2.png", grey_png(4, 4));
  expect_refused(folder.path(), folder.path(),
                 {"2 images of 1024 x 1024 with 1 channel", "2.0 MiB", "limit is 1.0 MiB", "--image-size"},
                 {.height = 1024, .width = 1024, .fit = ImageFit::pad, .memory = 1 << 20});
}

TEST(ReadImagesErrors, OptionsOutOfBounds) {
  const TemporaryFolder folder;
  put(folder / "x.npy", npy_file("|u1", "(2, 1, 1)", "ab"));
  for (const ImageReading& options : {ImageReading{.height = 4},
                                      {.height = -1, .width = 3},
                                      {.height = 70000, .width = 1},
                                      {.height = 65536, .width = 65536},
                                      {.channels = 2},
                                      {.memory = 0},
                                      {.labels = folder / "labels.csv"}})
    EXPECT_THROW(read_images(folder / "x.npy", options), ConfigurationError);
}

TEST(ReadImagesErrors, PathsAreShownWithoutControlCharacters) {
  const TemporaryFolder folder;
  put(folder / "1\n\x1b[2J.png", "no image");
  put(folder / "2.png", grey_png(4, 4));
  const std::string text = refusal(folder.path());
  EXPECT_NE(text.find("1\\x0a\\x1b[2J.png"), text.npos) << text;
}

}  // namespace
}  // namespace agon::host
