// Noise that moves from one draw to another on the sphere.
#include "host/cli/image_paths.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <span>

namespace agon::test {
namespace image_paths_test {

double product(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}
double angle_between(std::span<const float> a, std::span<const float> b) {
  return std::acos(product(a, b) / std::sqrt(product(a, a) * product(b, b)));
}

TEST(ImagePaths, StayInThePlaneOfTheirEndsAndGetNoShorter) {
  constexpr std::size_t kSize = 100, kPlaces = 7;
  for (const std::uint64_t path : {0u, 1u, 2u}) {
    const std::vector<float> noise = host::noise_between(5, path, kSize, kPlaces);
    ASSERT_EQ(noise.size(), kSize * kPlaces);
    const auto at = [&](std::size_t place) { return std::span(noise).subspan(place * kSize, kSize); };
    const double from = product(at(0), at(0)), to = product(at(kPlaces - 1), at(kPlaces - 1));
    EXPECT_NEAR(from, kSize, 60);  // of 100 normal numbers: deviation 14
    EXPECT_GT(angle_between(at(0), at(kPlaces - 1)), 1);
    double way = 0;
    for (std::size_t place = 0; place + 1 < kPlaces; ++place) {
      way += angle_between(at(place), at(place + 1));
      EXPECT_GT(product(at(place), at(place)), 0.8 * std::min(from, to)) << place;  // a mean has half of it
    }
    EXPECT_NEAR(way, angle_between(at(0), at(kPlaces - 1)), 1e-4);
  }
}

TEST(ImagePaths, EndsAreThoseOfAnyNumberOfPlaces) {
  const std::vector<float> two = host::noise_between(5, 1, 8, 2), five = host::noise_between(5, 1, 8, 5);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_FLOAT_EQ(two[i], five[i]);
    EXPECT_FLOAT_EQ(two[8 + i], five[4 * 8 + i]);
  }
  EXPECT_NE(two, host::noise_between(5, 2, 8, 2));
  EXPECT_NE(two, host::noise_between(6, 1, 8, 2));
}

}  // namespace image_paths_test
}  // namespace agon::test
