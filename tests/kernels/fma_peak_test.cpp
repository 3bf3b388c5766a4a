// The measured ceiling is one: finite, believable, and above what a product reaches.
#include "kernels/fma_peak.hpp"

#include <algorithm>
#include <chrono>

#include "kernels/linear.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {
namespace fma_peak_test {

class FmaPeak : public OnDevice {};
AGON_ON_EVERY_DEVICE(FmaPeak);

TEST_P(FmaPeak, IsNoLessThanAProductReaches) {
  constexpr std::int64_t kSize = 256;
  const auto x = input(std::vector<float>(kSize * kSize, 1.0f));
  const auto bias = input(std::vector<float>(kSize));
  const auto y = output<float>(kSize * kSize);
  double reached = 0, peak = 0;
  for (int run = 0; run < 5; ++run) {  // interleaved, because a shared machine's clock wanders
    peak = std::max(peak, kernels::fma_peak(queue(), 0.01));
    const auto begin = std::chrono::steady_clock::now();
    kernels::linear_forward(queue(), {.shape = {kSize, kSize, kSize},
                                      .x = x.data(),
                                      .weight = x.data(),
                                      .bias = bias.data(),
                                      .y = y.data()});
    EXPECT_EQ(y.get().back(), static_cast<float>(kSize));  // waits for the device
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    reached = std::max(reached, 2.0 * kSize * kSize * kSize / seconds.count());
  }
  EXPECT_GT(peak, 0.8 * reached);
  EXPECT_LT(peak, on_cuda() ? 1e15 : 1e12 * GetParam().threads) << "the compiler removed the arithmetic";
}

}  // namespace fma_peak_test
}  // namespace agon::test
