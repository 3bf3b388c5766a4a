// PNG, grids and NPY files that are written.
#include <gtest/gtest.h>
#include <png.h>

#include "host/images/read_images.hpp"
#include "host/images/write_images.hpp"
#include "kernels/error.hpp"
#include "tests/host/image_files.hpp"

namespace agon::host {
namespace {

using namespace agon::test;
using Bytes = std::vector<std::uint8_t>;

/// By libpng's own simplified reader.
Bytes decoded(const std::string& png, png_uint_32 format, const ImageShape& shape) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_TRUE(png_image_begin_read_from_memory(&image, png.data(), png.size()));
  EXPECT_EQ(image.format, format);
  EXPECT_EQ(image.height, shape.height);
  EXPECT_EQ(image.width, shape.width);
  Bytes out(PNG_IMAGE_SIZE(image));
  EXPECT_TRUE(png_image_finish_read(&image, nullptr, out.data(), 0, nullptr));
  return out;
}

Bytes noise(std::size_t size) {
  Bytes out(size);
  std::uint32_t state = 1;
  for (auto& byte : out) byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

TEST(WriteImages, APngHoldsThePixels) {
  const ImageShape grey{5, 7, 1}, colour{6, 3, 3};
  EXPECT_EQ(decoded(png_bytes(grey, noise(35)), PNG_FORMAT_GRAY, grey), noise(35));
  EXPECT_EQ(decoded(png_bytes(colour, noise(54)), PNG_FORMAT_RGB, colour), noise(54));
  EXPECT_EQ(png_bytes(grey, noise(35)), png_bytes(grey, noise(35)));
  for (const ImageShape& wrong :
       {ImageShape{5, 6, 1}, {5, 7, 2}, {0, 7, 1}, {1 << 20, 1 << 20, 1}, {-5, -7, 1}})
    EXPECT_THROW(png_bytes(wrong, noise(35)), ConfigurationError);
  EXPECT_THROW(png_bytes(grey, noise(70)), ConfigurationError);
}

TEST(WriteImages, WhatIsWrittenIsReadAgain) {
  const TemporaryFolder folder;
  const Bytes pixels = noise(2 * 4 * 5 * 3);
  const ImageShape shape{4, 5, 3};
  std::filesystem::create_directory(folder / "pngs");
  write_png(folder / "pngs/1.png", shape, std::span(pixels).first(60));
  write_png(folder / "pngs/2.png", shape, std::span(pixels).last(60));
  write_npy(folder / "x.npy", shape, pixels);
  for (const char* name : {"pngs", "x.npy"}) {
    const ReadImages read = read_images(folder / name);
    EXPECT_EQ(read.set.shape, shape);
    EXPECT_EQ(read.set.pixels, pixels);
    EXPECT_TRUE(read.findings.empty());
  }
}

TEST(WriteImages, AGridPutsImagesBesideEachOther) {
  const Bytes pixels{1, 2, 3, 4, 5, 6};  // three images of 1 x 2
  const ImageGrid grid = image_grid({1, 2, 1}, pixels, 2, 1);
  EXPECT_EQ(grid.shape, (ImageShape{3, 5, 1}));
  EXPECT_EQ(grid.pixels, (Bytes{1, 2, 128, 3, 4,  //
                                128, 128, 128, 128, 128, 5, 6, 128, 128, 128}));
  EXPECT_EQ(image_grid({1, 2, 1}, pixels, 9, 2).shape, (ImageShape{1, 10, 1}));
  EXPECT_EQ(image_grid({1, 1, 3}, pixels, 2, 1).pixels, (Bytes{1, 2, 3, 128, 128, 128, 4, 5, 6}));
  EXPECT_THROW(image_grid({1, 2, 1}, pixels, 0, 1), ConfigurationError);
  EXPECT_THROW(image_grid({1, 4, 1}, pixels, 1, 1), ConfigurationError);
  EXPECT_THROW(image_grid({1, 2, 1}, {}, 1, 1), ConfigurationError);
}

TEST(WriteImages, AnNpyFileIsWhatNumpyWrites) {
  const TemporaryFolder folder;
  write_npy(folder / "x.npy", {2, 3, 1}, noise(12));
  EXPECT_EQ(content_of(folder / "x.npy"), npy_file("|u1", "(2, 2, 3)", bytes_of(noise(12))));
  write_npy(folder / "x.npy", {2, 1, 3}, noise(12));
  EXPECT_EQ(content_of(folder / "x.npy"), npy_file("|u1", "(2, 2, 1, 3)", bytes_of(noise(12))));
}

TEST(WriteImages, FilesAppearWholeOrNotAtAll) {
  const TemporaryFolder folder;
  {
    NpyWriter writer(folder / "x.npy", {2, 3, 1}, 2);
    writer.write(noise(6));
    EXPECT_THROW(writer.commit(), ConfigurationError);
    EXPECT_THROW(writer.write(noise(12)), ConfigurationError);
  }
  EXPECT_EQ(folder.entries(), 0u);
  EXPECT_THROW(write_png(folder / "absent/1.png", {5, 7, 1}, noise(35)), Error);
  EXPECT_THROW(NpyWriter(folder / "x.npy", {2, 3, 2}, 2), ConfigurationError);
}

}  // namespace
}  // namespace agon::host
