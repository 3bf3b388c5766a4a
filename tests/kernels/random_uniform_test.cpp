// UniformFill: every number is the one that Random123's word gives, and lies on [low, high).
#include <algorithm>
#include <cstdint>
#include <numeric>

#include "kernels/random.hpp"
#include "tests/kernels/device_fixture.hpp"
#include "tests/kernels/random_oracle.hpp"

namespace agon::test {
namespace random_uniform_test {

using kernels::RandomPurpose;

class Uniform : public OnDevice {
 protected:
  std::vector<float> fill(std::int64_t n, std::uint64_t seed, std::uint64_t step, float low = 0,
                          float high = 1) {
    const auto counter = input<std::uint64_t>({step});
    const auto out = output<float>(static_cast<std::size_t>(n));
    kernels::uniform_fill(queue(), {.n = n,
                                    .out = out.data(),
                                    .low = low,
                                    .high = high,
                                    .random = {seed, RandomPurpose::initialisation, counter.data()}});
    return out.get();
  }
};
AGON_ON_EVERY_DEVICE(Uniform);

TEST_P(Uniform, IsTheUpper24BitsOfEachWord) {
  for (const std::int64_t n :
       {0, 1, 2, 3, 4, 5, 7, 31, 63, 64, 65, 1023, 1024, 1025, 8191, 8192, 8193, 20003}) {
    const std::vector<float> numbers = fill(n, 0x0123456789abcdefu, 0xfedcba9876543210u);
    for (std::size_t e = 0; e < numbers.size(); ++e) {
      const std::uint32_t word = stream_word(0x0123456789abcdefu, 1, 0xfedcba9876543210u, e);
      ASSERT_EQ(numbers[e], std::ldexp(static_cast<float>(word >> 8), -24)) << "element " << e << " of " << n;
    }
  }
}

TEST_P(Uniform, ScalesToTheRange) {
  const std::vector<float> unit = fill(4099, 5, 6);
  const std::vector<float> scaled = fill(4099, 5, 6, -3.0f, 2.0f);
  for (std::size_t e = 0; e < unit.size(); ++e) ASSERT_EQ(scaled[e], std::fma(5.0f, unit[e], -3.0f));
}

TEST_P(Uniform, CoversTheUnitInterval) {
  const std::vector<float> numbers = fill(200'000, 7, 0);
  const auto [least, greatest] = std::minmax_element(numbers.begin(), numbers.end());
  EXPECT_GE(*least, 0.0f);
  EXPECT_LT(*greatest, 1.0f);
  EXPECT_LT(*least, 1e-4f);
  EXPECT_GT(*greatest, 1 - 1e-4f);
  EXPECT_NEAR(std::accumulate(numbers.begin(), numbers.end(), 0.0) / 200'000, 0.5,
              4 * 0.2887 / std::sqrt(200'000.0));
}

TEST_P(Uniform, NoStepReadsAsStepZero) {
  const auto out = output<float>(9);
  kernels::uniform_fill(
      queue(), {.n = 9, .out = out.data(), .random = {.seed = 3, .purpose = RandomPurpose::initialisation}});
  EXPECT_EQ(out.get(), fill(9, 3, 0));
}

}  // namespace random_uniform_test
}  // namespace agon::test
