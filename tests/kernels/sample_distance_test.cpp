// The two distances between samples, against sorting and plain double loops.
#include <algorithm>
#include <cmath>
#include <random>

#include "kernels/kernel_sums.hpp"
#include "kernels/sliced_wasserstein.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {
namespace {

std::vector<float> numbers_from(std::int64_t n, unsigned seed, float shift = 0) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> draw(shift, 1);
  std::vector<float> values(static_cast<std::size_t>(n));
  for (float& value : values) value = draw(engine);
  return values;
}

struct Samples {
  std::int64_t n, m, width;
  std::vector<float> x = numbers_from(n * width, 1), y = numbers_from(m * width, 2, 0.3f);
};

std::vector<double> projected(const std::vector<float>& rows, const float* direction, std::int64_t width,
                              std::int64_t times) {
  std::vector<double> values;
  for (std::size_t i = 0; i < rows.size(); i += static_cast<std::size_t>(width)) {
    double sum = 0;
    for (std::int64_t c = 0; c < width; ++c)
      sum += double{rows[i + static_cast<std::size_t>(c)]} * direction[c];
    values.insert(values.end(), static_cast<std::size_t>(times), sum);
  }
  std::sort(values.begin(), values.end());
  return values;
}

class SampleDistance : public OnDevice {};
AGON_ON_EVERY_DEVICE(SampleDistance);

TEST_P(SampleDistance, SlicedWassersteinIsThatOfSortedProjections) {
  constexpr std::int64_t kDirections = 5;
  const std::int64_t cases[][3] = {{1, 1, 1},    {7, 1, 3},   {44, 23, 10}, {64, 2, 2},  {1000, 1, 4},
                                   {2048, 1, 1}, {1, 300, 2}, {33, 31, 2},  {2, 1024, 1}};
  for (const auto& [rows, times, width] : cases) {
    SCOPED_TRACE(testing::Message() << rows << " rows " << times << " times, " << width << " wide");
    const Samples s{rows, rows * times, width};
    const std::vector<float> directions = numbers_from(kDirections * width, 3);
    const auto x = input(s.x), y = input(s.y), direction = input(directions);
    const auto out = output<float>(kDirections);
    kernels::sliced_wasserstein(queue(), {.n = s.m,
                                          .times = times,
                                          .width = width,
                                          .projections = kDirections,
                                          .x = x.data(),
                                          .y = y.data(),
                                          .direction = direction.data(),
                                          .out = out.data()});
    std::vector<double> expected;
    for (std::int64_t p = 0; p < kDirections; ++p) {
      const auto a = projected(s.x, &directions[p * width], width, times);
      const auto b = projected(s.y, &directions[p * width], width, 1);
      double sum = 0;
      for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
      expected.push_back(sum / static_cast<double>(a.size()));
    }
    expect_near(out.get(), expected, 1e-7, 1e-5);
    release();
  }
}

TEST_P(SampleDistance, KernelSumsArePlainSums) {
  const std::int64_t cases[][3] = {{2, 2, 1}, {44, 210, 10}, {130, 129, 3}, {3, 300, 33}};
  for (const auto& [n, m, width] : cases) {
    SCOPED_TRACE(testing::Message() << n << " and " << m << " rows, " << width << " wide");
    const Samples s{n, m, width};
    const auto x = input(s.x), y = input(s.y);
    const auto own = output<float>(static_cast<std::size_t>(n + m)),
               cross = output<float>(static_cast<std::size_t>(n));
    constexpr float kScale = 0.125f;
    kernels::kernel_sums(queue(), {.n = n,
                                   .m = m,
                                   .width = width,
                                   .scale = kScale,
                                   .x = x.data(),
                                   .y = y.data(),
                                   .own = own.data(),
                                   .cross = cross.data()});
    std::vector<double> in_own, in_cross;
    const auto row = [&](std::int64_t i) { return i < n ? &s.x[i * width] : &s.y[(i - n) * width]; };
    for (std::int64_t i = 0; i < n + m; ++i) {
      double sums[2] = {};
      for (std::int64_t j = 0; j < n + m; ++j) {
        double square = 0;
        for (std::int64_t c = 0; c < width; ++c) square += std::pow(double{row(i)[c]} - row(j)[c], 2);
        if (i != j) sums[(i < n) != (j < n)] += std::exp(-square * kScale);
      }
      in_own.push_back(sums[0]);
      if (i < n) in_cross.push_back(sums[1]);
    }
    expect_near(own.get(), in_own, 1e-7, 2e-6);
    expect_near(cross.get(), in_cross, 1e-7, 2e-6);
    release();
  }
}

}  // namespace
}  // namespace agon::test
