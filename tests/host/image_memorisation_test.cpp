// Copies among synthetic images, exact, near and none.
#include "host/evaluate/images/image_memorisation.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "tests/host/image_families.hpp"

namespace agon::test {
namespace image_memorisation_test {

host::ImageRows all_pixels(const host::ImageSet& images) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(images.count));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return host::small_pixels(images, all);
}

struct ImageMemorisationTest : testing::Test {
  host::RowProducts products{Device::cpu(2)};
  host::ImageSet train = shape_images(400, 1), held_out = shape_images(200, 2),
                 synthetic = shape_images(200, 3);

  host::ImageMemorisation found(const host::ImageSet& made) const {
    return host::find_memorised(products, train, held_out, made);
  }
  /// The first `count` synthetic images replaced by training images 3, 4, ...
  host::ImageSet with_copies(std::int64_t count) const {
    host::ImageSet made = synthetic;
    const std::int64_t size = train.shape.size();
    std::copy_n(train.pixels.begin() + 3 * size, count * size, made.pixels.begin());
    return made;
  }
};

TEST_F(ImageMemorisationTest, NearestAreThoseOfLoops) {
  const host::ImageRows queries = all_pixels(synthetic), rows = all_pixels(train);
  const auto nearest = host::nearest_images(products, queries, rows);
  const auto others = host::nearest_images(products, rows, rows, 0);
  for (std::int64_t i = 0; i < 50; ++i) {
    double least = std::numeric_limits<double>::infinity(), next = least, least_other = least;
    std::int64_t index = -1;
    for (std::int64_t j = 0; j < rows.rows; ++j) {
      double sum = 0, sum_other = 0;
      for (std::int64_t c = 0; c < rows.width; ++c) {
        sum += std::pow(double{queries.row(i)[c]} - double{rows.row(j)[c]}, 2);
        sum_other += std::pow(double{rows.row(i)[c]} - double{rows.row(j)[c]}, 2);
      }
      const double distance = std::sqrt(sum / static_cast<double>(rows.width));
      if (distance < least) {
        next = least, least = distance, index = j;
      } else {
        next = std::min(next, distance);
      }
      if (j != i) least_other = std::min(least_other, std::sqrt(sum_other / static_cast<double>(rows.width)));
    }
    EXPECT_EQ(nearest[i].index, index);
    EXPECT_NEAR(nearest[i].distance, least, 1e-9);
    EXPECT_NEAR(nearest[i].next, next, 1e-9);
    EXPECT_NE(others[i].index, i);
    EXPECT_NEAR(others[i].distance, least_other, 1e-9);
  }
}

/// Every image of one value: distances are differences of values.
host::ImageSet flat_images(const std::vector<int>& values) {
  host::ImageSet images{{2, 2, 1}, static_cast<std::int64_t>(values.size()), {}, {}, {}};
  for (const int value : values)
    images.pixels.insert(images.pixels.end(), 4, static_cast<std::uint8_t>(value));
  return images;
}

TEST(ImagePairs, SayHowManyRealImagesAreAsNear) {
  std::vector<int> others;  // 10, ..., 109 from the nearest training image
  for (int i = 0; i < 100; ++i) others.push_back(10 + i);
  const host::RowProducts products(Device::cpu(1));
  host::MemorisationOptions options;
  options.beside = {3, 0};
  const host::ImageMemorisation found = find_memorised(
      products, flat_images({0, 255, 254}), flat_images(others), flat_images({9, 10, 59, 126}), options);
  ASSERT_TRUE(found.yardstick_is_held_out);
  ASSERT_EQ(found.closest.size(), 4);
  const double nearer[] = {0, 0.01, 0.50, 1};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(found.closest[i].synthetic, i);
    EXPECT_EQ(found.closest[i].train, 0);
    EXPECT_EQ(found.closest[i].nearer, nearer[i]) << i;
  }
  ASSERT_EQ(found.beside.size(), 2);
  EXPECT_EQ(found.beside[0].synthetic, 3);
  EXPECT_EQ(found.beside[0].distance, 126);
  EXPECT_EQ(found.beside[1].synthetic, 0);
  EXPECT_EQ(found.beside[1].nearer, 0);
}

TEST_F(ImageMemorisationTest, FreshImagesAreNoCopies) {
  const host::ImageMemorisation fresh = found(synthetic);
  EXPECT_EQ(fresh.exact.hits, 0);
  EXPECT_EQ(fresh.exact_held_out.hits, 0);
  EXPECT_EQ(fresh.distinct, 200);
  EXPECT_TRUE(fresh.yardstick_is_held_out);
  EXPECT_LE(fresh.near.share, 0.05);
  EXPECT_LE(fresh.single.share, 0.05);
  EXPECT_NEAR(fresh.median, fresh.yardstick_median, 0.1 * fresh.yardstick_median);
  ASSERT_EQ(fresh.closest.size(), 20);
  EXPECT_LE(fresh.closest[0].distance, fresh.closest[19].distance);
}

TEST_F(ImageMemorisationTest, CopiesAreFoundAndNamed) {
  const host::ImageMemorisation copied = found(with_copies(30));
  EXPECT_EQ(copied.exact.hits, 30);
  EXPECT_EQ(copied.exact.of, 200);
  EXPECT_GE(copied.near.hits, 30);
  EXPECT_GE(copied.single.hits, 30);
  EXPECT_GT(copied.near.interval.low, 0.1);
  for (const host::ClosePair& pair : copied.closest) {
    EXPECT_EQ(pair.distance, 0);
    EXPECT_EQ(pair.train, pair.synthetic + 3);
  }
}

TEST_F(ImageMemorisationTest, SoAreCopiesWithNoise) {
  const host::ImageMemorisation noisy = found(with_noise(with_copies(100), 4));
  EXPECT_EQ(noisy.exact.hits, 0);
  EXPECT_GE(noisy.near.hits, 95);
  EXPECT_GE(noisy.single.hits, 95);
  EXPECT_EQ(noisy.closest[0].train, noisy.closest[0].synthetic + 3);
}

/// Smooth images are nearer to all: the ratio to the next one tells them from copies.
TEST_F(ImageMemorisationTest, SmoothImagesAreNotSingledOut) {
  const host::ImageMemorisation smooth = found(blurred(synthetic, 1));
  EXPECT_LE(smooth.single.share, 0.05);
}

TEST_F(ImageMemorisationTest, WithoutHeldOutImagesTrainingImagesAreTheYardstick) {
  const host::ImageSet none{train.shape, 0, {}, {}, {}};
  const host::ImageMemorisation copied = host::find_memorised(products, train, none, with_copies(30));
  EXPECT_FALSE(copied.yardstick_is_held_out);
  EXPECT_EQ(copied.exact_held_out.of, 0);
  EXPECT_EQ(copied.yardstick, 400);
  EXPECT_GT(copied.near_distance, 0);
  EXPECT_GE(copied.near.hits, 30);
}

TEST_F(ImageMemorisationTest, LessIsSearchedWhereImagesAreMany) {
  const host::ImageMemorisation some =
      host::find_memorised(products, train, held_out, with_copies(30), {50, 100 * train.shape.size(), 1, {}});
  EXPECT_EQ(some.searched, 100);
  EXPECT_EQ(some.synthetic, 50);
  EXPECT_EQ(some.yardstick, 50);
  EXPECT_EQ(some.exact.hits, 30);  // of all
  for (const host::ClosePair& pair : some.closest)
    EXPECT_TRUE(pair.distance > 0 || pair.train == pair.synthetic + 3);
}

TEST_F(ImageMemorisationTest, LargeImagesAreAveragedOverSquares) {
  host::ImageSet large{{40, 70, 3}, 1, {}, {}, {}};
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 70; ++x)
      for (int c = 0; c < 3; ++c) large.pixels.push_back(static_cast<std::uint8_t>(y + x + 10 * c));
  const host::ImageRows small = all_pixels(large);
  ASSERT_EQ(small.width, 14 * 24 * 3);  // squares of 3 x 3
  EXPECT_NEAR(small.row(0)[1], 2 + 10, 1e-5);
  EXPECT_NEAR(small.row(0)[(13 * 24 + 23) * 3], 39 + 69, 1e-4);  // one pixel is left of the last
}

}  // namespace image_memorisation_test
}  // namespace agon::test
