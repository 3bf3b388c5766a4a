// Kernel sums against plain double loops.
#include "kernels/kernel_sums.hpp"

#include <cmath>

#include "tests/kernels/device_fixture.hpp"
#include "tests/kernels/two_samples.hpp"

namespace agon::test {
namespace kernel_sums_test {

class KernelSums : public OnDevice {};
AGON_ON_EVERY_DEVICE(KernelSums);

TEST_P(KernelSums, ArePlainSums) {
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

}  // namespace kernel_sums_test
}  // namespace agon::test
