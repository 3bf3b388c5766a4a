// Boxes of images that are cropped, padded and turned.
#include <gtest/gtest.h>

#include "host/images/placement.hpp"

namespace agon::host {
namespace {

TEST(ImagePlacement, TheCentreInTheTargetsProportions) {
  EXPECT_EQ(place_image({9, 6}, {4, 4}, ImageFit::crop), (Placement{{1, 0, {6, 6}}, {0, 0, {4, 4}}}));
  EXPECT_EQ(place_image({6, 11}, {4, 4}, ImageFit::crop), (Placement{{0, 2, {6, 6}}, {0, 0, {4, 4}}}));
  EXPECT_EQ(place_image({6, 12}, {2, 3}, ImageFit::crop), (Placement{{0, 1, {6, 9}}, {0, 0, {2, 3}}}));
  EXPECT_EQ(place_image({6, 12}, {4, 4}, ImageFit::pad), (Placement{{0, 0, {6, 12}}, {1, 0, {2, 4}}}));
  EXPECT_EQ(place_image({1, 1 << 20}, {4, 4}, ImageFit::pad),
            (Placement{{0, 0, {1, 1 << 20}}, {1, 0, {1, 4}}}));
  EXPECT_EQ(place_image({1 << 20, 1}, {1, 65536}, ImageFit::crop).from.size, (ImageSize{1, 1}));
  EXPECT_EQ(place_image({6, 12}, {4, 4}, ImageFit::stretch), (Placement{{0, 0, {6, 12}}, {0, 0, {4, 4}}}));
}

/// Where the displayed pixel (y, x) is stored, from EXIF's own words for where row 0 and column 0 are
/// displayed (CIPA DC-008, tag 274), in an image of height x width as stored.
std::pair<std::int64_t, std::int64_t> stored_at(int exif, std::int64_t y, std::int64_t x,
                                                const ImageSize& stored) {
  const std::int64_t bottom = stored.height - 1, right = stored.width - 1;
  switch (exif) {
    case 1:
      return {y, x};  // top, left
    case 2:
      return {y, right - x};  // top, right
    case 3:
      return {bottom - y, right - x};  // bottom, right
    case 4:
      return {bottom - y, x};  // bottom, left
    case 5:
      return {x, y};  // left, top
    case 6:
      return {bottom - x, y};  // right, top
    case 7:
      return {bottom - x, right - y};  // right, bottom
    default:
      return {x, right - y};  // left, bottom
  }
}

TEST(ImagePlacement, ABoxOfATurnedImageIsStoredWhereItsPixelsAre) {
  const ImageSize stored{7, 5};
  for (int exif = 1; exif <= 8; ++exif) {
    const Orientation orientation(exif);
    const ImageBox displayed{1, 2, {3, 2}}, box = orientation.stored(displayed, stored);
    for (std::int64_t y = 0; y < displayed.size.height; ++y) {
      for (std::int64_t x = 0; x < displayed.size.width; ++x) {
        const auto [row, column] = stored_at(exif, displayed.top + y, displayed.left + x, stored);
        EXPECT_EQ(orientation.index(y, x, box.size), (row - box.top) * box.size.width + column - box.left)
            << exif;
        EXPECT_TRUE(row >= box.top && row < box.top + box.size.height) << exif;
        EXPECT_TRUE(column >= box.left && column < box.left + box.size.width) << exif;
      }
    }
    EXPECT_EQ(box.size, orientation.turned(displayed.size));
  }
}

}  // namespace
}  // namespace agon::host
