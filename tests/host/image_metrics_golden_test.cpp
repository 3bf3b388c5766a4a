// Figures of images against numpy, SciPy and PyWavelets (tests/golden/make_image_metrics.py).
#include <gtest/gtest.h>

#include <array>

#include "host/evaluate/images/feature_figures.hpp"
#include "host/evaluate/images/pyramid_distance.hpp"
#include "host/evaluate/images/wavelet_distance.hpp"
#include "tests/host/image_families.hpp"

namespace agon::test {
namespace image_metrics_golden_test {

using nlohmann::json;

const json& image_golden() {
  static const json all =
      json::parse(golden::read(std::string(AGON_SOURCE_FOLDER) + "/tests/golden/image_metrics.json"));
  return all;
}

host::ImageShape shape_of(const json& sizes) { return {sizes[0], sizes[1], sizes[2]}; }

void expect_jackknifed(const host::Jackknifed& figure, const json& golden, double close) {
  EXPECT_NEAR(figure.value, golden.at("value").get<double>(), close);
  ASSERT_EQ(figure.without.size(), golden.at("without").size());
  for (std::size_t group = 0; group < figure.without.size(); ++group)
    EXPECT_NEAR(figure.without[group], golden.at("without")[group].get<double>(), close) << group;
}

TEST(ImageMetricsGolden, Images) {
  const host::ImageSet images = golden_images(1, 1, {4, 3, 3});
  for (std::size_t i = 0; i < images.pixels.size(); ++i)
    EXPECT_EQ(images.pixels[i], image_golden().at("pixels")[i].get<int>());
}

TEST(ImageMetricsGolden, WaveletDistance) {
  for (const json& golden : image_golden().at("wavelets")) {
    const host::WaveletShape shape = host::wavelet_shape(shape_of(golden.at("shape")));
    SCOPED_TRACE(shape.image.height);
    EXPECT_EQ(shape.level, golden.at("level").get<int>());
    const host::ImageRows a = haar_packets(golden_images(1, golden.at("counts")[0], shape.image), shape);
    const host::ImageRows b = haar_packets(golden_images(2, golden.at("counts")[1], shape.image), shape);
    for (std::size_t e = 0; e < golden.at("first").size(); ++e)
      EXPECT_NEAR(std::abs(a.values[e]), std::abs(golden.at("first")[e].get<double>()), 1e-6) << e;
    std::vector<double> packets;
    const host::Jackknifed distance = wavelet_distance(a, b, shape, &packets);
    // Floats' coefficients; roots of eigenvalues that are 0 but for rounding.
    expect_jackknifed(distance, golden, 2e-5);
    ASSERT_EQ(packets.size(), golden.at("packets").size());
    for (std::size_t p = 0; p < packets.size(); ++p)
      EXPECT_NEAR(packets[p], golden.at("packets")[p].get<double>(), 5e-5) << p;
  }
}

TEST(ImageMetricsGolden, FeatureFigures) {
  const json& golden = image_golden().at("features");
  const std::int64_t width = golden.at("width");
  const host::RowProducts products(Device::cpu(2));
  host::ImageRows made = golden_features(4, golden.at("counts")[1], width, 0.25);
  host::ImageRows real = golden_features(3, golden.at("counts")[0], width, 0);
  std::copy_n(real.row(10), 4 * width, made.row(5));
  const host::FeatureFigures figures = compare_features(products, feature_set(products, std::move(real)),
                                                        feature_set(products, std::move(made)));
  expect_jackknifed(figures.kernel, golden.at("kernel"), 1e-5);
  EXPECT_NEAR(figures.density.value, golden.at("density").get<double>(), 1e-9);
  EXPECT_NEAR(figures.coverage.value, golden.at("coverage").get<double>(), 1e-9);
  EXPECT_NEAR(figures.precision.value, golden.at("precision").get<double>(), 1e-9);
  EXPECT_NEAR(figures.recall.value, golden.at("recall").get<double>(), 1e-9);
}

TEST(ImageMetricsGolden, Pyramids) {
  std::uint64_t source = 8;
  for (const json& golden : image_golden().at("pyramids")) {
    const host::ImageSet image = golden_images(source++, 1, shape_of(golden.at("shape")));
    const auto levels = static_cast<int>(golden.at("levels").size());
    const auto pyramid = host::laplacian_pyramid(image.image(0), image.shape, levels);
    ASSERT_EQ(pyramid.size(), golden.at("levels").size());
    for (std::size_t level = 0; level < pyramid.size(); ++level) {
      const json& values = golden.at("levels")[level];
      ASSERT_EQ(pyramid[level].values.size(), values.size());
      for (std::size_t e = 0; e < values.size(); ++e)
        EXPECT_NEAR(pyramid[level].values[e], values[e].get<double>(), 1e-4) << level << ' ' << e;
    }
  }
}

TEST(ImageMetricsGolden, SlicedDistance) {
  const json& golden = image_golden().at("sliced");
  const std::int64_t width = golden.at("width"), per_image = golden.at("per_image");
  host::ImageRows a = golden_features(5, 20 * per_image, width, 0),
                  b = golden_features(6, 20 * per_image, width, 0.5),
                  directions = golden_features(7, 6, width, 0);
  for (std::size_t e = 0; e < b.values.size(); e += 2) b.values[e] *= 2;
  for (std::int64_t p = 0; p < directions.rows; ++p) {
    double square = 0;
    for (std::int64_t c = 0; c < width; ++c) square += std::pow(double{directions.row(p)[c]}, 2);
    for (std::int64_t c = 0; c < width; ++c) directions.row(p)[c] /= static_cast<float>(std::sqrt(square));
  }
  host::normalise_patches(a, 2);
  host::normalise_patches(b, 2);
  const auto distances = host::patch_distances(a, std::array{b, a}, directions, per_image);
  expect_jackknifed(distances[0], golden, 1e-6);
  EXPECT_EQ(distances[1].value, 0);
}

}  // namespace image_metrics_golden_test
}  // namespace agon::test
