// Tables of mixed columns with many equal distances, and distances by plain loops in double.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/row_distances.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {

/// Numbers are small multiples of 1/8 and weights multiples of 1/2: every distance is exact in float, and
/// many are equal.
struct MixedRowsCase {
  std::int64_t n, m, numbers, codes;
  std::vector<float> query_numbers, numbers_of, weight;
  std::vector<std::int32_t> query_codes, codes_of;

  explicit MixedRowsCase(const std::array<std::int64_t, 4>& size)
      : n(size[0]), m(size[1]), numbers(size[2]), codes(size[3]) {
    std::mt19937 engine(static_cast<unsigned>(n * 31 + m));
    const auto number = [&] { return static_cast<float>(engine() % 9) * 0.125f; };
    const auto code = [&] { return static_cast<std::int32_t>(engine() % 3) - 1; };
    for (std::int64_t e = 0; e < n * numbers; ++e) query_numbers.push_back(number());
    for (std::int64_t e = 0; e < m * numbers; ++e) numbers_of.push_back(number());
    for (std::int64_t e = 0; e < n * codes; ++e) query_codes.push_back(code());
    for (std::int64_t e = 0; e < m * codes; ++e) codes_of.push_back(code());
    for (std::int64_t c = 0; c < codes; ++c) weight.push_back(0.5f + 0.5f * static_cast<float>(c % 3));
  }

  double squared_distance(std::int64_t i, std::int64_t j) const {
    double sum = 0;
    for (std::int64_t c = 0; c < codes; ++c)
      if (query_codes[c * n + i] != codes_of[c * m + j]) sum += weight[c];
    for (std::int64_t c = 0; c < numbers; ++c) {
      const double difference = double{query_numbers[c * n + i]} - numbers_of[c * m + j];
      sum += difference * difference;
    }
    return sum;
  }
};

/// The case in a device's memory.
template <class Input>
kernels::RowDistances on_device(const MixedRowsCase& table, Input input) {
  return {.n = table.n,
          .m = table.m,
          .numbers = table.numbers,
          .codes = table.codes,
          .query_numbers = input(table.query_numbers).data(),
          .query_codes = input(table.query_codes).data(),
          .numbers_of = input(table.numbers_of).data(),
          .codes_of = input(table.codes_of).data(),
          .weight = input(table.weight).data()};
}

/// Query rows, references, number columns, code columns: around the sizes of blocks and tiles.
inline const std::vector<std::array<std::int64_t, 4>> kMixedRowsCases = {
    {1, 1, 1, 0},    {3, 2, 0, 2},     {64, 257, 2, 3},   {65, 512, 7, 8},
    {129, 33, 1, 1}, {5, 300, 35, 40}, {130, 256, 3, 33}, {7, 1000, 1, 2}};

}  // namespace agon::test
