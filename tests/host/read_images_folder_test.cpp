// Folders of PNG and JPEG files: what is taken, in which order, what is said of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/host/read_images_cases.hpp"

namespace agon::host {
namespace {

using namespace agon::test;
using Names = std::vector<std::string>;

std::vector<int> firsts(const ImageSet& set) {
  std::vector<int> out;
  for (std::int64_t i = 0; i < set.count; ++i) out.push_back(set.image(i).front());
  return out;
}

TEST(ReadImagesFolder, FilesComeInTheOrderOfTheirPaths) {
  const TemporaryFolder folder;
  put(folder / "c.png", plain_png(2, 3, 30));
  put_below(folder / "b" / "2.PNG", plain_png(2, 3, 20));
  put_below(folder / "b" / "deep" / "1", plain_png(2, 3, 25));  // told by its bytes
  put(folder / "a.jpeg", plain_png(2, 3, 10));                  // neither: by its bytes, too
  put(folder / ".hidden.png", "no image");
  const ReadImages read = read_images(folder.path());
  EXPECT_EQ(read.set.shape, (ImageShape{2, 3, 1}));
  EXPECT_EQ(read.set.count, 4);
  EXPECT_EQ(firsts(read.set), (std::vector<int>{10, 20, 25, 30}));
  EXPECT_FALSE(read.set.labelled());
  EXPECT_NE(finding_with(read.findings, "no labels"), "");
}

TEST(ReadImagesFolder, PixelsAreTheFiles) {
  const TemporaryFolder folder;
  const std::vector<std::uint8_t> one{0, 1, 127, 128, 254, 255}, other{9, 8, 7, 6, 5, 4};
  put(folder / "1.png", grey_png(2, 3, one));
  put(folder / "2.png", grey_png(2, 3, other));
  const ReadImages read = read_images(folder.path());
  EXPECT_TRUE(std::ranges::equal(read.set.image(0), one));
  EXPECT_TRUE(std::ranges::equal(read.set.image(1), other));
  EXPECT_EQ(read.findings, Names{});
}

TEST(ReadImagesFolder, SubfoldersAreLabels) {
  const TemporaryFolder folder;
  put_below(folder / "10" / "a.png", plain_png(2, 2, 1));
  put_below(folder / "9" / "a.png", plain_png(2, 2, 2));
  put_below(folder / "9" / "b.png", plain_png(2, 2, 3));
  const ReadImages read = read_images(folder.path());
  EXPECT_EQ(read.set.label_names, (Names{"9", "10"}));  // as numbers
  EXPECT_EQ(read.set.labels, (std::vector<std::int32_t>{1, 0, 0}));
  EXPECT_NE(finding_with(read.findings, "labels by subfolder: 9 (2), 10 (1)"), "");
}

TEST(ReadImagesFolder, OtherFilesAreLeftAloneAndCounted) {
  const TemporaryFolder folder;
  put(folder / "1.png", plain_png(2, 2, 1));
  put(folder / "2.png", plain_png(2, 2, 2));
  put(folder / "notes.txt", "x");
  put(folder / "Thumbs.db", "y");
  std::filesystem::create_directory_symlink(folder.path(), folder / "loop");
  const ReadImages read = read_images(folder.path());
  EXPECT_EQ(read.set.count, 2);
  EXPECT_NE(finding_with(read.findings, "2 files neither PNG nor JPEG left alone, the first: Thumbs.db"), "");
}

TEST(ReadImagesFolder, ManyThreadsReadTheSameAsOne) {
  const TemporaryFolder folder;
  for (int i = 0; i < 40; ++i) {
    const auto side = static_cast<unsigned>(9 + i % 5);
    put(folder / (std::to_string(i) + ".jpg"),
        JpegFile{.height = side, .width = 12, .colours = JCS_RGB}.bytes());
    put(folder / (std::to_string(i) + ".png"), PngFile{.height = side, .width = 7, .depth = 16}.bytes());
  }
  ImageReading options{.height = 8, .width = 8, .fit = ImageFit::crop, .threads = 1};
  const ReadImages one = read_images(folder.path(), options);
  std::int64_t calls = 0, last = 0, total = 0;
  options.threads = 7;
  options.progress = [&](std::int64_t done, std::int64_t of) { ++calls, last = done, total = of; };
  const ReadImages many = read_images(folder.path(), options);
  EXPECT_EQ(fingerprint(one.set), fingerprint(many.set));
  EXPECT_EQ(one.set.pixels, many.set.pixels);
  EXPECT_EQ(one.findings, many.findings);
  EXPECT_EQ(calls, 120);  // 80 images, 40 of them read for their range first
  EXPECT_EQ(last, 120);
  EXPECT_EQ(total, 120);
}

TEST(ReadImagesFolder, WhatProgressThrowsEndsTheReading) {
  struct Enough {};
  const TemporaryFolder folder;
  for (const char* name : {"1.png", "2.png", "3.png"}) put(folder / name, plain_png(2, 2, 1));
  ImageReading options{.threads = 2};
  options.progress = [](std::int64_t done, std::int64_t) {
    if (done == 2) throw Enough{};
  };
  EXPECT_THROW(read_images(folder.path(), options), Enough);
}

TEST(ReadImagesFolder, TheFingerprintSeesEveryPart) {
  ImageSet set{{1, 2, 1}, 2, {1, 2, 3, 4}, {0, 1}, {"a", "b"}};
  std::vector<std::string> prints{fingerprint(set)};
  EXPECT_EQ(prints[0].size(), 16u);
  const auto changed = [&](auto change) {
    ImageSet other = set;
    change(other);
    prints.push_back(fingerprint(other));
  };
  changed([](ImageSet& s) { s.shape = {2, 1, 1}; });
  changed([](ImageSet& s) { s.pixels[3] = 5; });
  changed([](ImageSet& s) { s.labels[1] = 0; });
  changed([](ImageSet& s) { s.label_names[1] = "c"; });
  changed([](ImageSet& s) { s.labels.clear(); });
  std::sort(prints.begin(), prints.end());
  EXPECT_EQ(std::unique(prints.begin(), prints.end()), prints.end());
}

TEST(ReadImagesFolder, KnowsImagesFromOtherThings) {
  const TemporaryFolder folder;
  put_below(folder / "images" / "deep" / "1.png", plain_png(2, 2, 1));
  put_below(folder / "texts" / "a.txt", "x");
  put(folder / "table.csv", "a,b\n1,2\n");
  put(folder / "one.png", plain_png(2, 2, 1));
  put(folder / "idx", idx_file({2, 1, 1}, "ab"));
  put(folder / "idx.gz", gzipped(idx_file({2, 1, 1}, "ab")));
  put(folder / "table.csv.gz", gzipped("a,b\n1,2\n"));
  put(folder / "x.npy", npy_file("|u1", "(2, 1, 1)", "ab"));
  put_zip(folder / "x.npz", {{"images.npy", npy_file("|u1", "(2, 1, 1)", "ab")}});
  put_zip(folder / "book.xlsx", {{"xl/workbook.xml", "<x/>"}});
  for (const char* name : {"images", "one.png", "idx", "idx.gz", "x.npy", "x.npz"})
    EXPECT_TRUE(is_images(folder / name)) << name;
  for (const char* name : {"texts", "table.csv", "table.csv.gz", "book.xlsx", "absent"})
    EXPECT_FALSE(is_images(folder / name)) << name;
}

}  // namespace
}  // namespace agon::host
