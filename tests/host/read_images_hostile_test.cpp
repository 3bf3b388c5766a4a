// Damaged files end in a DataError or in a set that is sound, whatever is damaged.
#include <gtest/gtest.h>

#include <random>

#include "tests/host/read_images_cases.hpp"

namespace agon::host {
namespace {

using namespace agon::test;

struct Hostile {
  int read = 0;

  void attempt(const std::filesystem::path& path) {
    try {
      const ReadImages got = read_images(
          path, {.height = 5, .width = 5, .fit = ImageFit::crop, .threads = 1, .memory = 1 << 24});
      EXPECT_GE(got.set.count, 2);
      EXPECT_EQ(got.set.pixels.size(), static_cast<std::size_t>(got.set.count * got.set.shape.size()));
      EXPECT_TRUE(got.set.labels.empty() || got.set.labels.size() == static_cast<std::size_t>(got.set.count));
      ++read;
    } catch (const DataError& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }
};

/// A new file: to write a shorter one over it makes some file systems wait for the disk.
void put_anew(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::remove(path);
  put(path, content);
}

/// Every prefix, none of which is to be read, and some hundred single bytes changed. `path` is read, `file`
/// is what is damaged.
void damage(const std::filesystem::path& path, const std::filesystem::path& file, const std::string& whole) {
  Hostile outcome;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    put_anew(file, std::string_view(whole).substr(0, length));
    outcome.attempt(path);
  }
  EXPECT_EQ(outcome.read, 0) << "prefixes of " << file;
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    std::string changed = whole;
    changed[random() % changed.size()] = static_cast<char>(random());
    put_anew(file, changed);
    outcome.attempt(path);
  }
}

void damage_in_folder(const std::string& name, const std::string& whole) {
  const TemporaryFolder folder;
  put(folder / "1.png", grey_png(6, 6));
  damage(folder.path(), folder / name, whole);
}

void damage_alone(const std::string& name, const std::string& whole) {
  const TemporaryFolder folder;
  damage(folder / name, folder / name, whole);
}

TEST(ReadImagesHostile, Png) {
  damage_in_folder("2.png", grey_png(6, 7));
  damage_in_folder(
      "2.png",
      PngFile{.height = 6, .width = 7, .depth = 16, .type = PNG_COLOR_TYPE_RGB_ALPHA, .interlaced = true}
          .bytes());
  damage_in_folder("2.png", PngFile{.height = 6,
                                    .width = 7,
                                    .depth = 4,
                                    .type = PNG_COLOR_TYPE_PALETTE,
                                    .palette = std::vector<png_color>(16),
                                    .transparent = {1, 2}}
                                .bytes());
}

TEST(ReadImagesHostile, Jpeg) {
  const std::string grey = JpegFile{.orientation = 6}.bytes();
  damage_in_folder("2.jpg", grey);
  damage_in_folder("2.jpg",
                   JpegFile{.height = 9, .width = 17, .colours = JCS_RGB, .progressive = true}.bytes());
  damage_in_folder("2.jpg", JpegFile{.colours = JCS_CMYK}.bytes());
}

TEST(ReadImagesHostile, Idx) {
  const std::string whole = idx_file({3, 4, 5}, ramp(60)), packed = gzipped(whole);
  damage_alone("x", whole);
  damage_alone("x.gz", packed);
}

TEST(ReadImagesHostile, Npy) {
  const std::string whole = npy_file("<f4", "(2, 4, 2)", bytes_of(std::vector<float>(16, 0.5f)));
  damage_alone("x.npy", whole);
}

TEST(ReadImagesHostile, Npz) {
  const TemporaryFolder folder;
  for (const int method : {ZIP_CM_DEFLATE, ZIP_CM_STORE}) {
    put_zip(
        folder / "x.npz",
        {{"images.npy", npy_file("<u2", "(2, 4, 2)", ramp(32))}, {"y.npy", npy_file("|i1", "(2,)", "ab")}},
        method);
    const std::string whole = content_of(folder / "x.npz");
    damage(folder / "x.npz", folder / "x.npz", whole);
  }
}

}  // namespace
}  // namespace agon::host
