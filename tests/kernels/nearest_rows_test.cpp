// Nearest rows against a plain sort of all distances.
#include "kernels/nearest_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "tests/kernels/device_fixture.hpp"
#include "tests/kernels/mixed_rows_case.hpp"

namespace agon::test {
namespace nearest_rows_test {

class NearestRows : public OnDevice {
 protected:
  void expect_sorted_distances(const MixedRowsCase& table, int k, std::int64_t leave_out) {
    const auto rows = on_device(table, [this](const auto& values) { return input(values); });
    const auto size = static_cast<std::size_t>(table.n * k);
    const auto distance = output<float>(size);
    const auto index = output<std::int32_t>(size);
    kernels::nearest_rows(
        queue(),
        {.rows = rows, .k = k, .leave_out = leave_out, .distance = distance.data(), .index = index.data()});
    std::vector<float> distances;
    std::vector<std::int32_t> indices;
    for (std::int64_t i = 0; i < table.n; ++i) {
      std::vector<std::pair<double, std::int32_t>> all;
      for (std::int64_t j = 0; j < table.m; ++j)
        if (leave_out < 0 || j != leave_out + i)
          all.emplace_back(table.squared_distance(i, j), static_cast<std::int32_t>(j));
      std::sort(all.begin(), all.end());
      all.resize(static_cast<std::size_t>(k), {std::numeric_limits<double>::infinity(), -1});
      for (const auto& [square, j] : all) {
        distances.push_back(static_cast<float>(square));
        indices.push_back(j);
      }
    }
    EXPECT_EQ(distance.get(), distances);
    EXPECT_EQ(index.get(), indices);
    release();
  }
};
AGON_ON_EVERY_DEVICE(NearestRows);

TEST_P(NearestRows, AreTheFirstOfAllSorted) {
  for (const auto& size : kMixedRowsCases) {
    for (const int k : {1, 2, 5, kernels::kMostNearest}) {
      SCOPED_TRACE(testing::Message() << size[0] << " x " << size[1] << " rows, " << size[2] << " numbers, "
                                      << size[3] << " codes, k = " << k);
      expect_sorted_distances(MixedRowsCase(size), k, -1);
    }
  }
}

TEST_P(NearestRows, LeaveOutTheRowItself) {
  for (const std::int64_t first : {0, 1, 200}) {
    SCOPED_TRACE(first);
    expect_sorted_distances(MixedRowsCase({90, 290, 2, 2}), 3, first);
  }
}

TEST_P(NearestRows, FindARowAtDistanceNought) {
  const std::vector<float> same = {0.1f, 1e-30f, 16777217.0f, 0.3f};
  const std::vector<std::int32_t> code = {1, 2, 3, 4};
  const auto numbers = input(same);
  const auto codes = input(code);
  const auto weight = input<float>({2.0f});
  const auto distance = output<float>(4);
  const auto index = output<std::int32_t>(4);
  kernels::nearest_rows(queue(), {.rows = {.n = 4,
                                           .m = 4,
                                           .numbers = 1,
                                           .codes = 1,
                                           .query_numbers = numbers.data(),
                                           .query_codes = codes.data(),
                                           .numbers_of = numbers.data(),
                                           .codes_of = codes.data(),
                                           .weight = weight.data()},
                                  .distance = distance.data(),
                                  .index = index.data()});
  EXPECT_EQ(distance.get(), (std::vector<float>{0, 0, 0, 0}));
  EXPECT_EQ(index.get(), (std::vector<std::int32_t>{0, 1, 2, 3}));
}

// Numbers whose squares round: codes are added first, then the numbers' fused squares, one column after
// another.
TEST_P(NearestRows, AreSummedInTheStatedOrder) {
  MixedRowsCase table({40, 300, 9, 5});
  std::mt19937 engine(8);
  const auto draw = [&engine](auto& values, float scale) {
    for (float& value : values) value = static_cast<float>(engine() >> 8) * scale;
  };
  draw(table.query_numbers, 0x1.23p-24f);
  draw(table.numbers_of, 0x1.23p-24f);
  draw(table.weight, 0x1.9p-24f);
  const auto rows = on_device(table, [this](const auto& values) { return input(values); });
  const auto distance = output<float>(40);
  const auto index = output<std::int32_t>(40);
  kernels::nearest_rows(queue(), {.rows = rows, .distance = distance.data(), .index = index.data()});
  std::vector<float> least;
  for (std::int64_t i = 0; i < table.n; ++i) {
    least.push_back(std::numeric_limits<float>::infinity());
    for (std::int64_t j = 0; j < table.m; ++j) {
      float sum = 0;
      for (std::int64_t c = 0; c < table.codes; ++c)
        if (table.query_codes[c * table.n + i] != table.codes_of[c * table.m + j]) sum += table.weight[c];
      for (std::int64_t c = 0; c < table.numbers; ++c) {
        const float difference = table.query_numbers[c * table.n + i] - table.numbers_of[c * table.m + j];
        sum = std::fma(difference, difference, sum);
      }
      least.back() = std::min(least.back(), sum);
    }
  }
  EXPECT_EQ(bits(distance.get()), bits(least));
}

}  // namespace nearest_rows_test
}  // namespace agon::test
