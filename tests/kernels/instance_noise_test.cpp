// Noise that fades: against Box and Muller's formula on Random123's words.
#include "kernels/instance_noise.hpp"

#include <algorithm>
#include <cmath>

#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/random_oracle.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace instance_noise_test {

using kernels::RandomPurpose;

constexpr std::uint64_t kNoiseSeed = 0x12345678'9d2c5680u;
constexpr std::uint32_t kNoisePurpose = 7;

class InstanceNoiseTest : public OnDevice {
 protected:
  /// `offset`: floats past an aligned address.
  void check(std::int64_t n, std::int64_t first, std::int64_t offset, std::uint64_t step, std::uint64_t steps,
             double deviation_expected) {
    SCOPED_TRACE(testing::Message() << n << " from " << first << ", step " << step << " of " << steps);
    std::mt19937 generator(static_cast<unsigned>(n));
    const auto before = numbers(offset + n, generator);
    const auto rows = inout(before);
    const auto clean = output<float>(before.size());
    const auto counter = input<std::uint64_t>({step});
    kernels::instance_noise(queue(), {.n = n,
                                      .first = first,
                                      .rows = rows.data() + offset,
                                      .clean = n % 2 == 1 ? clean.data() + offset : nullptr,
                                      .deviation = 0.8f,
                                      .steps = steps,
                                      .random = {kNoiseSeed, RandomPurpose::instance_noise, counter.data()}});
    const auto got = rows.get();
    if (n % 2 == 1) {
      const auto kept = clean.get();
      EXPECT_TRUE(std::equal(kept.begin() + offset, kept.end(), before.begin() + offset));
    }
    const auto noise = normal_oracle(kNoiseSeed, kNoisePurpose, step, static_cast<std::size_t>(first + n));
    for (std::int64_t i = 0; i < offset; ++i) ASSERT_EQ(got[i], before[i]);
    for (std::int64_t i = 0; i < n; ++i) {
      const double e = static_cast<double>(noise[static_cast<std::size_t>(first + i)]);
      const double size = std::abs(before[offset + i]) + deviation_expected * (1 + std::abs(e));
      ASSERT_NEAR(got[offset + i], before[offset + i] + deviation_expected * e,
                  deviation_expected == 0 ? 0 : 6e-7 * size)
          << i;
    }
    release();
  }
};
AGON_ON_EVERY_DEVICE(InstanceNoiseTest);

TEST_P(InstanceNoiseTest, IsNormalAndAdded) {
  for (const std::int64_t n : {1, 2, 3, 4, 5, 7, 8, 63, 511, 512, 513, 1023, 8191, 8193, 20'001})
    for (const std::int64_t first : {0, 4, 400})
      for (const std::int64_t offset : {0, 1}) check(n, first, offset, 41, 0, 0.8f);
}

TEST_P(InstanceNoiseTest, FadesToNothing) {
  check(50, 8, 0, 0, 10, 0.8f);
  check(50, 8, 0, 3, 10, 0.7 * 0.8f);
  check(50, 8, 0, 9, 10, 0.1 * 0.8f);
  check(50, 8, 0, 10, 10, 0);
  check(51, 8, 0, 10, 10, 0);
  check(50, 8, 0, 11, 10, 0);
  check(50, 8, 0, (std::uint64_t{1} << 33) - 1, std::uint64_t{1} << 33, 0x1p-33 * 0.8f);
  check(50, 8, 0, 7, 0, 0.8f);
}

class InstanceNoiseReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(InstanceNoiseReplicas);

TEST_P(InstanceNoiseReplicas, EachDrawsItsOwn) {
  std::mt19937 generator(5);
  expect_replicas_as_alone(numbers(kReplicas * 640, generator), [&](QueueView view, float* at, int r) {
    const std::uint64_t seed =
        view.replicas.count == 1 ? kNoiseSeed + static_cast<std::uint64_t>(r) : kNoiseSeed;
    kernels::instance_noise(
        view, {.n = 630, .rows = at, .deviation = 0.5f, .random = {seed, RandomPurpose::instance_noise}});
  });
}

}  // namespace instance_noise_test
}  // namespace agon::test
