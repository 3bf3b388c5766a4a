// IDX, NPY and NPZ files.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/host/read_images_cases.hpp"

namespace agon::host {
namespace {

using namespace agon::test;
using Bytes = std::vector<std::uint8_t>;
using Names = std::vector<std::string>;

Bytes counted(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i);
  return out;
}

TEST(ReadImagesArray, IdxWithItsLabelsBesideIt) {
  const TemporaryFolder folder;
  const std::string images = idx_file({3, 2, 4}, ramp(24)),
                    labels = idx_file({3}, std::string("\x0A\x02\x0A"));
  put(folder / "t-images-idx3-ubyte", images);
  const ReadImages bare = read_images(folder / "t-images-idx3-ubyte");
  EXPECT_EQ(bare.set.shape, (ImageShape{2, 4, 1}));
  EXPECT_EQ(bare.set.pixels, counted(24));
  EXPECT_FALSE(bare.set.labelled());
  put(folder / "t-labels-idx1-ubyte.gz", gzipped(labels));  // compressed, though the images are not
  const ReadImages read = read_images(folder / "t-images-idx3-ubyte");
  EXPECT_EQ(read.set.labels, (std::vector<std::int32_t>{1, 0, 1}));
  EXPECT_EQ(read.set.label_names, (Names{"2", "10"}));
  EXPECT_NE(finding_with(read.findings, "2 (1), 10 (2)"), "");
  put(folder / "z-images-idx3-ubyte.gz", gzipped(images));
  EXPECT_EQ(read_images(folder / "z-images-idx3-ubyte.gz").set.pixels, counted(24));
}

TEST(ReadImagesArray, IdxThatIsDamaged) {
  const TemporaryFolder folder;
  const auto path = folder / "x-images-idx3-ubyte";
  const auto refused = [&](const std::string& bytes, const std::vector<std::string>& words) {
    put(path, bytes);
    expect_refused(path, path, words);
  };
  refused(idx_file({3, 2, 4}, ramp(23)), {"3 images of 2 x 4", "40 bytes", "there are 39"});
  refused(idx_file({3, 2, 4}, ramp(25)), {"at byte 40", "1 bytes more"});
  refused(idx_file({0xFFFFFFFF, 16384, 16384}, ramp(24)), {"there are 40"});
  refused(idx_file({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, ramp(24)), {"at most 268435456 pixels"});
  refused(idx_file({0, 2, 4}, ""), {"no images"});
  refused(idx_file({3, 0, 4}, ""), {"0 x 4 pixels"});
  refused(idx_file({1, 2, 4}, ramp(8)), {"one image only"});
  refused(idx_file({24}, ramp(24)), {"at byte 3", "labels 1: name the file with the images"});
  refused(std::string("\0\0\x0D\x03", 4) + ramp(20), {"at byte 2", "type 0x0d"});
  refused(gzipped(idx_file({3, 2, 4}, ramp(23))), {"image 2 of 3", "end early"});
  refused(gzipped(idx_file({3, 2, 4}, ramp(25))), {"more data"});
  refused(gzipped(idx_file({0x7FFFFFFF, 28, 28}, ramp(24))), {"there are at most"});
  const std::string packed = gzipped(idx_file({3, 2, 4}, ramp(24)));
  refused(packed.substr(0, packed.size() - 9), {"cut off"});
  std::string changed = packed;
  changed[packed.size() - 7] ^= 1;  // of the checksum
  refused(changed, {"damaged gzip data"});
}

TEST(ReadImagesArray, IdxLabelsOfAnotherCount) {
  const TemporaryFolder folder;
  put(folder / "x-images-idx3-ubyte", idx_file({3, 2, 4}, ramp(24)));
  put(folder / "x-labels-idx1-ubyte", idx_file({2}, "ab"));
  expect_refused(folder / "x-images-idx3-ubyte", folder / "x-labels-idx1-ubyte", {"2 labels, but 3 images"});
  put(folder / "x-labels-idx1-ubyte", idx_file({3}, "ab"));
  expect_refused(folder / "x-images-idx3-ubyte", folder / "x-labels-idx1-ubyte", {"fewer"});
  put(folder / "x-labels-idx1-ubyte", idx_file({3}, "abcd"));
  expect_refused(folder / "x-images-idx3-ubyte", folder / "x-labels-idx1-ubyte", {"more"});
}

TEST(ReadImagesArray, NpyOfEachTypeAndShape) {
  const TemporaryFolder folder;
  const auto path = folder / "x.npy";
  for (const char* shape : {"(2, 3, 4)", "(2, 3, 4, 1)"}) {
    put(path, npy_file("|u1", shape, ramp(24)));
    const ReadImages read = read_images(path);
    EXPECT_EQ(read.set.shape, (ImageShape{3, 4, 1}));
    EXPECT_EQ(read.set.pixels, counted(24));
  }
  put(path, npy_file("|u1", "(2, 2, 2, 3)", ramp(24)));
  EXPECT_EQ(read_images(path).set.shape, (ImageShape{2, 2, 3}));
  EXPECT_EQ(read_images(path).set.pixels, counted(24));
  EXPECT_EQ(read_images(path, {.channels = 1}).set.pixels[0], 1);  // 0.587 + 2 * 0.114
  put(path, npy_file("<f4", "(2, 1, 2)", bytes_of(std::vector<float>{0, 1, 0.5f, 0.2f})));
  const ReadImages reals = read_images(path);
  EXPECT_EQ(reals.set.pixels, (Bytes{0, 255, 128, 51}));
  EXPECT_NE(finding_with(reals.findings, "float32, times 255"), "");
  put(path, npy_file("<u2", "(2, 1, 2)", bytes_of(std::vector<std::uint16_t>{10, 1034, 522, 266})));
  const ReadImages words = read_images(path);
  EXPECT_EQ(words.set.pixels, (Bytes{0, 255, 128, 64}));
  EXPECT_NE(finding_with(words.findings, "from 10, the lowest value of the set, black, to 1034"), "");
}

TEST(ReadImagesArray, NpyThatIsNoImages) {
  const TemporaryFolder folder;
  const auto path = folder / "x.npy";
  const auto refused = [&](const std::string& bytes, const std::vector<std::string>& words) {
    put(path, bytes);
    expect_refused(path, path, words);
  };
  const std::string good = npy_file("|u1", "(2, 3, 4)", ramp(24));
  refused(good.substr(0, good.size() - 1), {"2 images of 3 x 4", "there are 151"});
  refused(good + "x", {"at byte 152", "1 bytes more"});
  refused(good.substr(0, 40), {"header that ends early"});
  refused(npy_file("|u1", "(2, 3, 4)", ramp(24), "True"), {"Fortran", "ascontiguousarray"});
  refused(npy_file(">u2", "(2, 3, 4)", ramp(48)), {"'>u2'", "little endian"});
  refused(npy_file("<f8", "(2, 3, 4)", ramp(192)), {"'<f8'"});
  refused(npy_file("|u1", "(24,)", ramp(24)), {"shape (24,)"});
  refused(npy_file("|u1", "(2, 3, 2, 2)", ramp(24)), {"shape (2, 3, 2, 2)"});
  refused(npy_file("|u1", "(2, 3, 2, 2)", ramp(24)), {"transpose(0, 2, 3, 1)"});
  refused(npy_file("|u1", "(-2, 3, 4)", ramp(24)), {"makes no sense"});
  refused(npy_file("|u1", "(99999999999999999999, 3, 4)", ramp(24)), {"makes no sense"});
  refused(npy_file("|u1", "(4611686018427387904, 4, 4)", ramp(24)), {"overflow"});
  refused(npy_file("<f4", "(17179869184, 16384, 16384)", ""), {"overflow"});  // 2^62 numbers of 4 bytes
  refused(npy_file("|u1", "(2, 3, 4), 'x': 1", ramp(24)), {"makes no sense"});
  refused(npy_file("<f4", "(2, 1, 2)", bytes_of(std::vector<float>{0, 1, NAN, 0})),
          {"image 1: the value nan at its element 0", "[0, 1]"});
  refused(npy_file("<f4", "(2, 1, 2)", bytes_of(std::vector<float>{0, 1, 0, 3})),
          {"image 1: the value 3 at its element 1", "scale"});
  refused(npy_file("<f4", "(2, 1, 2)", bytes_of(std::vector<float>{-0.5f, 1, 0, 3})),
          {"image 0: the value -0.5"});
}

TEST(ReadImagesArray, ArraysAreScaledAsFilesAre) {
  const TemporaryFolder folder;
  const std::string data = ramp(2 * 6 * 8);
  put(folder / "x.npy", npy_file("|u1", "(2, 6, 8)", data));
  for (int i = 0; i < 2; ++i) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(data.data()) + 48 * i;
    put_below(folder / "f" / (std::to_string(i) + ".png"), grey_png(6, 8, Bytes(first, first + 48)));
  }
  for (const ImageFit fit : {ImageFit::crop, ImageFit::stretch, ImageFit::pad}) {
    const ImageReading options{.height = 4, .width = 4, .fit = fit};
    EXPECT_EQ(read_images(folder / "x.npy", options).set.pixels,
              read_images(folder / "f", options).set.pixels);
  }
  expect_refused(folder / "x.npy", folder / "x.npy", {"images of 6 x 8", "asks for 4 x 4", "--image-fit"},
                 {.height = 4, .width = 4});
}

TEST(ReadImagesArray, NpzByNameOrByShape) {
  const TemporaryFolder folder;
  const auto path = folder / "x.npz";
  const std::string images = npy_file("|u1", "(3, 2, 4)", ramp(24)),
                    other = npy_file("|u1", "(3, 1, 8)", ramp(24));
  const std::string labels = npy_file("<i8", "(3,)", bytes_of(std::vector<std::int64_t>{-7, 100, -7}));
  put_zip(path, {{"other.npy", other}, {"images.npy", images}, {"labels.npy", labels}});
  const ReadImages read = read_images(path);
  EXPECT_EQ(read.set.shape, (ImageShape{2, 4, 1}));
  EXPECT_EQ(read.set.pixels, counted(24));
  EXPECT_EQ(read.set.labels, (std::vector<std::int32_t>{0, 1, 0}));
  EXPECT_EQ(read.set.label_names, (Names{"-7", "100"}));
  EXPECT_NE(finding_with(read.findings, "images of array 'images'; left alone: 'other'"), "");
  put_zip(path, {{"scans.npy", images}, {"y.npy", npy_file("|u1", "(3, 1)", "\2\1\2")}}, ZIP_CM_STORE);
  EXPECT_EQ(read_images(path).set.labels, (std::vector<std::int32_t>{1, 0, 1}));
  put_zip(path, {{"test_images.npy", other},
                 {"train_images.npy", images},
                 {"train_labels.npy", npy_file("|u1", "(3, 1)", "\2\1\2")}});
  EXPECT_EQ(read_images(path).set.shape, (ImageShape{2, 4, 1}));
  EXPECT_TRUE(read_images(path).set.labelled());
  put_zip(path, {{"x.npy", images}, {"y.npy", npy_file("|u1", "(3, 2)", "\2\1\2\1\1\1")}});
  EXPECT_FALSE(read_images(path).set.labelled());
  EXPECT_NE(finding_with(read_images(path).findings, "several labels for an image"), "");
}

TEST(ReadImagesArray, NpzThatIsNoImages) {
  const TemporaryFolder folder;
  const auto path = folder / "x.npz";
  const std::string images = npy_file("|u1", "(3, 2, 4)", ramp(24));
  const auto refused = [&](const std::vector<std::pair<std::string, std::string>>& files,
                           const std::vector<std::string>& words) {
    put_zip(path, files);
    expect_refused(path, path, words);
  };
  refused({{"a.npy", images}, {"b.npy", images}}, {"several arrays", "'a', 'b'", "'images'"});
  refused({{"a.npy", npy_file("|u1", "(24,)", ramp(24))}}, {"no arrays of 3 or 4 dimensions"});
  refused({{"a.txt", "x"}}, {"no array"});
  refused({{"images.npy", images}, {"y.npy", npy_file("|u1", "(2,)", "ab")}},
          {"array 'y': 2 labels, but 3 images"});
  refused({{"images.npy", images}, {"y.npy", npy_file("<f4", "(3,)", ramp(12))}},
          {"array 'y'", "'<f4'", "whole numbers"});
  refused({{"images.npy", images.substr(0, images.size() - 1)}}, {"array 'images'", "3 images of 2 x 4"});
  refused({{"images.npy", npy_file("|u1", "(4000000000, 16384, 16384)", ramp(24))}},
          {"array 'images'", "there are 152"});
  put_zip(path, {{"images.npy", images}}, ZIP_CM_STORE);
  std::string damaged = content_of(path);
  damaged[damaged.find(ramp(24)) + 5] ^= 1;
  put(path, damaged);
  expect_refused(path, path, {"array 'images'", "CRC"});
}

}  // namespace
}  // namespace agon::host
