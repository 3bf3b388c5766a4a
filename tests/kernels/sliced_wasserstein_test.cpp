// The sliced Wasserstein distance against sorting and plain double loops.
#include "kernels/sliced_wasserstein.hpp"

#include <algorithm>

#include "tests/kernels/device_fixture.hpp"
#include "tests/kernels/two_samples.hpp"

namespace agon::test {
namespace sliced_wasserstein_test {

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

class SlicedWasserstein : public OnDevice {};
AGON_ON_EVERY_DEVICE(SlicedWasserstein);

TEST_P(SlicedWasserstein, IsThatOfSortedProjections) {
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

}  // namespace sliced_wasserstein_test
}  // namespace agon::test
