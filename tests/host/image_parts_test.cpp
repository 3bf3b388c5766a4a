// What figures of images are made of, against closed forms and plain loops in double.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "host/evaluate/images/frechet.hpp"
#include "host/evaluate/images/image_classifier.hpp"
#include "host/evaluate/images/pyramid_distance.hpp"
#include "host/evaluate/images/random_features.hpp"
#include "host/evaluate/images/row_products.hpp"
#include "host/evaluate/images/wavelet_distance.hpp"
#include "tests/host/image_families.hpp"
#include "tests/test_device.hpp"

namespace agon::test {
namespace image_parts_test {

host::ImageRows normal_rows(std::int64_t rows, std::int64_t width, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  host::ImageRows out = host::zero_rows(rows, width);
  for (float& value : out.values) value = normal(generator);
  return out;
}

TEST(Jackknife, OfAMeanIsItsStandardError) {
  std::vector<double> values(97);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i * i));
  // One image a group: the jackknife of a mean is the standard error to the letter.
  const host::Jackknifed ten = host::mean_of_images(std::span(values).first(10));
  double mean = 0, square = 0;
  for (int i = 0; i < 10; ++i) mean += values[i] / 10;
  for (int i = 0; i < 10; ++i) square += (values[i] - mean) * (values[i] - mean);
  const host::Interval interval = interval_of(ten);
  EXPECT_NEAR(ten.value, mean, 1e-12);
  EXPECT_NEAR((interval.high - interval.low) / 2, 2.2621571628540993 * std::sqrt(square / 9 / 10), 1e-12);
  for (std::int64_t count : {10, 11, 97, 1000}) {
    std::int64_t all = 0;
    for (std::int64_t group = 0; group < host::kJackknifeGroups; ++group) {
      all += host::group_size(group, count);
      for (std::int64_t i = host::group_start(group, count); i < host::group_start(group + 1, count); ++i)
        EXPECT_EQ(host::group_of(i, count), group) << i << " of " << count;
    }
    EXPECT_EQ(all, count);
  }
}

/// Rows whose mean and covariance are exactly what is asked for: +- offsets along each axis.
host::RowSums axis_sums(const std::vector<double>& mean, const std::vector<double>& deviation) {
  const auto width = static_cast<std::int64_t>(mean.size());
  host::RowSums sums{2 * width, width, std::vector<double>(mean.size()),
                     std::vector<double>(mean.size() * mean.size())};
  for (std::int64_t axis = 0; axis < width; ++axis)
    for (const double sign : {-1.0, 1.0}) {
      std::vector<double> x = mean;
      x[axis] += sign * deviation[axis] * std::sqrt((2.0 * static_cast<double>(width) - 1) / 2);
      for (std::int64_t c = 0; c < width; ++c) {
        sums.sum[c] += x[c];
        for (std::int64_t d = 0; d < width; ++d) sums.products[c * width + d] += x[c] * x[d];
      }
    }
  return sums;
}

TEST(Frechet, OfDiagonalCovariancesIsThatOfDeviations) {
  const auto a = axis_sums({1, 2, 3}, {1, 0.5, 2}), b = axis_sums({1, 0, 3.5}, {2, 0.5, 1});
  EXPECT_NEAR(host::frechet_distance(a, b), 4 + 0.25 + 1 + 0 + 1, 1e-10);
  EXPECT_NEAR(host::frechet_distance(b, a), 4 + 0.25 + 1 + 0 + 1, 1e-10);
  EXPECT_NEAR(host::frechet_distance(a, a), 0, 1e-10);
  // Flat in one direction on either side, in the same and in different ones.
  const auto flat = axis_sums({1, 2, 3}, {1, 0, 2}), other = axis_sums({1, 2, 3}, {0, 0.5, 2});
  EXPECT_NEAR(host::frechet_distance(flat, flat), 0, 1e-7);
  EXPECT_NEAR(host::frechet_distance(flat, other), 1 + 0.25, 1e-7);
}

TEST(Frechet, OfFewerRowsThanColumns) {
  const host::ImageRows rows = normal_rows(30, 64, 1);
  host::ImageRows moved = rows;
  for (float& value : moved.values) value += 0.5f;
  const auto a = host::sums_of_groups(rows, 0, 64), b = host::sums_of_groups(moved, 0, 64);
  const host::Jackknifed same = host::frechet_distance(a, a), apart = host::frechet_distance(a, b);
  EXPECT_NEAR(same.value, 0, 1e-5);
  EXPECT_NEAR(apart.value, 64 * 0.25, 1e-4);
  for (const double without : apart.without) EXPECT_NEAR(without, 64 * 0.25, 1e-4);
}

TEST(Wavelets, LevelsBySize) {
  const auto level = [](std::int64_t height, std::int64_t width) {
    return host::wavelet_shape({height, width, 1}).level;
  };
  EXPECT_EQ(level(8, 8), 1);
  EXPECT_EQ(level(28, 28), 2);
  EXPECT_EQ(level(32, 32), 2);
  EXPECT_EQ(level(64, 64), 3);
  EXPECT_EQ(level(128, 128), 4);
  EXPECT_EQ(level(1, 1), 1);
  EXPECT_EQ(host::wavelet_shape({28, 28, 3}).packet, (host::ImageShape{7, 7, 3}));
  EXPECT_LE(host::wavelet_shape({7, 9000, 3}).packet.size(), 1024);
}

TEST(Wavelets, KeepEnergyAndFlatImagesHaveOneBand) {
  const host::ImageSet images = golden_images(3, 5, {32, 64, 3});
  const host::WaveletShape shape = host::wavelet_shape(images.shape);
  const host::ImageRows packets = haar_packets(images, shape);
  double pixels = 0, coefficients = 0;
  for (const std::uint8_t pixel : images.pixels) pixels += std::pow(pixel / 255.0, 2);
  for (const float value : packets.values) coefficients += double{value} * double{value};
  EXPECT_NEAR(coefficients, pixels, 1e-4 * pixels);
  const host::ImageRows flat = haar_packets(each_pixel(images, [](double) { return 51; }), shape);
  for (std::int64_t e = 0; e < flat.width; ++e)
    EXPECT_NEAR(flat.row(0)[e], e < shape.packet.size() ? 0.2 * (1 << shape.level) : 0, 1e-6);
}

TEST(Patches, SeeNoShiftOfBrightnessButBlur) {
  const host::ImageSet images = each_pixel(shape_images(40, 1), [](double pixel) { return pixel / 2; });
  const auto patches = [](const host::ImageSet& of) { return host::pyramid_patches(of, 8, 1)[0]; };
  const std::vector<host::ImageRows> others = {
      patches(each_pixel(images, [](double pixel) { return pixel + 40; })), patches(blurred(images, 1)),
      patches(blurred(images, 2))};
  const auto directions = host::random_directions(32, others[0].width, 1);
  const auto distances = host::patch_distances(patches(images), others, directions, 8);
  EXPECT_NEAR(distances[0].value, 0, 1e-5);
  EXPECT_GT(distances[1].value, 0.01);
  EXPECT_GT(distances[2].value, 1.1 * distances[1].value);
  EXPECT_EQ(host::pyramid_levels({28, 28, 1}), 2);
  EXPECT_EQ(host::pyramid_levels({128, 64, 3}), 3);
  EXPECT_EQ(host::pyramid_levels({3, 3, 1}), 1);
  EXPECT_EQ(host::pyramid_patches(golden_images(1, 4, {3, 5, 1}), 2, 1)[0].width, 9);
}

TEST(Classifier, ItsSlopeIsZero) {
  const host::ImageRows x = normal_rows(300, 6, 5);
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < x.rows; ++i)
    labels.push_back(x.row(i)[0] + 0.5f * x.row(i)[3] > 0.4f ? 2 : x.row(i)[1] > 0 ? 1 : 0);
  const host::ImageClassifier classifier(x, labels, 3);
  // The logits of unit vectors and of 0 give the weights away.
  host::ImageRows units = host::zero_rows(7, 6);
  for (int c = 0; c < 6; ++c) units.row(c)[c] = 1;
  const host::ImageRows of_units = classifier.logits(units);
  host::ImageRows p = classifier.logits(x);
  std::int64_t hits = 0;
  for (std::int64_t i = 0; i < x.rows; ++i)
    hits += std::max_element(p.row(i), p.row(i) + 3) - p.row(i) == labels[i];
  EXPECT_GT(hits, 270);
  host::to_probabilities(p);
  double largest = 0;
  for (int k = 0; k < 3; ++k)
    for (int c = 0; c < 7; ++c) {
      const double intercept = of_units.row(6)[k];
      double slope = -3.0 * (c < 6 ? of_units.row(c)[k] - intercept : intercept);  // penalty: 300 / 100
      for (std::int64_t i = 0; i < x.rows; ++i)
        slope += (c < 6 ? x.row(i)[c] : 1) * ((labels[i] == k) - double{p.row(i)[k]});
      largest = std::max(largest, std::abs(slope));
    }
  EXPECT_LT(largest, 1);  // of some 100 at the start
}

class ImagesOnDevice : public testing::TestWithParam<TestDevice> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Devices, ImagesOnDevice, testing::ValuesIn(test_devices()),
                         [](const auto& test) { return test.param.name(); });

TEST_P(ImagesOnDevice, RowProductsAreThoseOfLoops) {
  const host::ImageRows a = normal_rows(1030, 7, 1), b = normal_rows(4100, 7, 2);
  std::vector<int> seen(static_cast<std::size_t>(a.rows));
  host::RowProducts(GetParam().get()).each(a, b, [&](const host::ProductBlock& block) {
    for (std::int64_t row = 0; row < block.rows; ++row) {
      seen[block.first_row + row] += static_cast<int>(block.columns);
      for (std::int64_t j = 0; j < block.columns; j += 37) {
        double sum = 0;
        for (std::int64_t c = 0; c < 7; ++c)
          sum += double{a.row(block.first_row + row)[c]} * double{b.row(block.first_column + j)[c]};
        ASSERT_NEAR(block.of(row)[j], sum, 1e-4);
      }
    }
  });
  for (const int columns : seen) EXPECT_EQ(columns, 4100);
}

TEST_P(ImagesOnDevice, RandomFeaturesAreFixedAndTellImagesApart) {
  const host::ImageSet images = golden_images(4, 6, {28, 20, 3});
  const host::RandomFeatures network(GetParam().get(), images.shape, channel_scale(images), 7, 1);
  const host::ImageRows features = network.of(images);
  // By the network's own definition, not by another program's: a change of it changes every figure.
  const host::RandomFeatures again(Device::cpu(1), images.shape, channel_scale(images), 7, 1);
  const host::RandomFeatures other(Device::cpu(1), images.shape, channel_scale(images), 7, 2);
  const host::ImageRows same = again.of(images), different = other.of(images);
  double apart = 0, between = 0;
  for (std::size_t e = 0; e < features.values.size(); ++e) {
    ASSERT_TRUE(std::isfinite(features.values[e]));
    EXPECT_NEAR(features.values[e], same.values[e], 1e-5);
    apart += std::abs(features.values[e] - different.values[e]);
  }
  for (std::int64_t c = 0; c < features.width; ++c)
    between += std::abs(features.row(0)[c] - features.row(3)[c]);
  EXPECT_GT(apart, 1);
  EXPECT_GT(between, 1);
  const host::ImageSet one = host::some_images(images, std::vector<std::int64_t>{3});
  const host::ImageRows alone = network.of(one);
  for (std::int64_t c = 0; c < features.width; ++c) EXPECT_NEAR(alone.row(0)[c], features.row(3)[c], 1e-5);
}

TEST(Channels, AreScaledByTheirOwnMeanAndDeviation) {
  const host::ImageSet images = golden_images(5, 9, {6, 5, 3});
  const host::RowScale scale = host::channel_scale(images);
  host::ImageRows pixels = host::zero_rows(9 * 30, 3);
  for (std::size_t e = 0; e < pixels.values.size(); ++e)
    pixels.values[e] = static_cast<float>(images.pixels[e]) / 255;
  const host::RowScale by_rows(pixels);
  for (int c = 0; c < 3; ++c) {
    EXPECT_NEAR(scale.mean[c], by_rows.mean[c], 1e-6);
    EXPECT_NEAR(scale.deviation[c], by_rows.deviation[c], 1e-6);
  }
}

}  // namespace image_parts_test
}  // namespace agon::test
