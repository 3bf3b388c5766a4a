// Counts and kernel sums of rows against plain loops in double.
#include "kernels/row_densities.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "tests/kernels/device_fixture.hpp"
#include "tests/kernels/mixed_rows_case.hpp"

namespace agon::test {
namespace row_densities_test {

class RowDensities : public OnDevice {};
AGON_ON_EVERY_DEVICE(RowDensities);

TEST_P(RowDensities, ArePlainLoops) {
  constexpr float kScale = 0.375f;
  for (const auto& size : kMixedRowsCases) {
    const MixedRowsCase table(size);
    const auto [n, m, numbers, codes] = size;
    SCOPED_TRACE(testing::Message() << n << " x " << m << " rows, " << numbers << " numbers, " << codes);
    std::vector<float> radii;
    for (std::int64_t i = 0; i < n; ++i) radii.push_back(static_cast<float>(i % 7) * 0.5f);
    radii[0] = n > 2 ? std::numeric_limits<float>::quiet_NaN() : 1.0f;
    const auto rows = on_device(table, [this](const auto& values) { return input(values); });
    const auto radius2 = input(radii);
    const auto count = output<std::int32_t>(static_cast<std::size_t>(n));
    const auto sum = output<double>(static_cast<std::size_t>(n));
    const auto sum_alone = output<double>(static_cast<std::size_t>(n));
    kernels::row_densities(
        queue(),
        {.rows = rows, .scale = kScale, .radius2 = radius2.data(), .count = count.data(), .sum = sum.data()});
    kernels::row_densities(queue(), {.rows = rows, .scale = kScale, .sum = sum_alone.data()});
    std::vector<std::int32_t> counts;
    std::vector<double> sums;
    for (std::int64_t i = 0; i < n; ++i) {
      counts.push_back(0);
      sums.push_back(0);
      for (std::int64_t j = 0; j < m; ++j) {
        const double square = table.squared_distance(i, j);
        counts.back() += square <= double{radii[static_cast<std::size_t>(i)]};
        sums.back() += std::exp(-square * kScale);
      }
    }
    EXPECT_EQ(count.get(), counts);
    expect_near(sum.get(), sums, 1e-30, 1e-6);
    EXPECT_EQ(sum.get(), sum_alone.get());
    release();
  }
}

}  // namespace row_densities_test
}  // namespace agon::test
