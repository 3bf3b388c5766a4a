// NormalFill: against Box-Muller in long double on Random123's words, as a distribution, and bit for bit
// everywhere.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "kernels/formula/normal.hpp"
#include "kernels/random.hpp"
#include "tests/kernels/device_fixture.hpp"
#include "tests/kernels/random_oracle.hpp"

namespace agon::test {
namespace random_normal_test {

using kernels::RandomPurpose;

constexpr std::uint64_t kSeed = 0x9d2c5680'12345678u;

class Normal : public OnDevice {
 protected:
  std::vector<float> fill(std::int64_t n, std::uint64_t step,
                          RandomPurpose purpose = RandomPurpose::training_noise) {
    const auto counter = input<std::uint64_t>({step});
    const auto out = output<float>(static_cast<std::size_t>(n));
    kernels::normal_fill(queue(), {.n = n, .out = out.data(), .random = {kSeed, purpose, counter.data()}});
    return out.get();
  }
};
AGON_ON_EVERY_DEVICE(Normal);

TEST_P(Normal, IsBoxMullerOfThePhiloxWords) {
  for (const std::int64_t n :
       {0, 1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 1023, 1024, 1025, 8191, 8192, 8193, 30001}) {
    // 4 ulp of each number, and 4 ulp of the largest radius where sine or cosine pass through zero.
    expect_near(fill(n, 41), normal_oracle(kSeed, 2, 41, static_cast<std::size_t>(n)), 1e-10, 4 * 0x1p-23);
  }
}

TEST_P(Normal, StepAndPurposeChangeTheNumbers) {
  const std::vector<float> first = fill(64, 1);
  EXPECT_EQ(first, fill(64, 1));
  for (const std::vector<float>& other :
       {fill(64, 2), fill(64, 1 + (std::uint64_t{1} << 32)), fill(64, 1, RandomPurpose::sampling_noise)}) {
    for (std::size_t e = 0; e < other.size(); ++e) EXPECT_NE(first[e], other[e]);
  }
}

TEST_P(Normal, HasTheNormalDistribution) {
  constexpr std::int64_t n = 1'000'000;
  std::vector<float> numbers = fill(n, 0);
  double sum[5] = {};
  for (const float z : numbers) {
    double power = 1;
    for (double& s : sum) {
      s += power / n;
      power *= z;
    }
  }
  const double deviation = 1 / std::sqrt(static_cast<double>(n));
  EXPECT_NEAR(sum[1], 0, 4 * deviation);
  EXPECT_NEAR(sum[2], 1, 4 * std::sqrt(2.0) * deviation);
  EXPECT_NEAR(sum[3], 0, 4 * std::sqrt(15.0) * deviation);
  EXPECT_NEAR(sum[4], 3, 4 * std::sqrt(96.0) * deviation);
  double correlation = 0;  // of the two numbers of a pair
  for (std::size_t e = 0; e < numbers.size(); e += 2)
    correlation += static_cast<double>(numbers[e]) * numbers[e + 1];
  EXPECT_NEAR(correlation / (n / 2), 0, 4 * std::sqrt(2.0) * deviation);

  std::sort(numbers.begin(), numbers.end());  // Kolmogorov-Smirnov
  double distance = 0;
  for (std::size_t e = 0; e < numbers.size(); ++e) {
    const double cdf = 0.5 * std::erfc(-static_cast<double>(numbers[e]) / std::sqrt(2.0));
    distance = std::max({distance, std::abs(cdf - static_cast<double>(e) / n),
                         std::abs(static_cast<double>(e + 1) / n - cdf)});
  }
  EXPECT_LT(distance * std::sqrt(static_cast<double>(n)), 1.95);  // passes 999 of 1000 correct generators
}

TEST_P(Normal, BitsAreTheFormulasOwn) {
  // The formula compiled into this file, without any vector instruction, against the device's.
  const std::vector<float> numbers = fill(20'001, 77);
  std::vector<float> scalar(numbers.size());
  for (std::size_t e = 0; e < scalar.size(); ++e) {
    const auto pair = kernels::formula::normal_pair(stream_word(kSeed, 2, 77, e & ~std::size_t{1}),
                                                    stream_word(kSeed, 2, 77, e | 1));
    scalar[e] = e % 2 == 0 ? pair.first : pair.second;
  }
  EXPECT_EQ(bits(numbers), bits(scalar));
}

TEST(NormalPair, EveryWordGivesAFiniteNumber) {
  std::mt19937 generator(3);
  std::uniform_int_distribution<std::uint32_t> any;
  std::vector<std::uint32_t> words = {0,          1,          2,          0x7fffffff, 0x80000000,
                                      0xfffffffe, 0xffffffff, 0x3fffffff, 0x40000000, 0x20000000};
  for (int i = 0; i < 500; ++i) words.push_back(any(generator));
  for (const std::uint32_t radius : words) {
    for (const std::uint32_t angle : words) {
      const auto pair = kernels::formula::normal_pair(radius, angle);
      ASSERT_LE(std::hypot(pair.first, pair.second), 6.77f) << radius << " " << angle;
    }
  }
}

}  // namespace random_normal_test
}  // namespace agon::test
