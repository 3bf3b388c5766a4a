// The points at which a slope is penalised: against their formulas in double precision, on Random123's words.
#include "kernels/mixed_rows.hpp"

#include <cmath>

#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/random_oracle.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace mixed_rows_test {

using kernels::MixedRows;
using kernels::RandomPurpose;

constexpr std::uint64_t kMixSeed = 0x9d2c5680'12345678u, kMixStep = 41;
constexpr std::uint32_t kMixPurpose = 6;

/// Element e of the stream as a number on [0, 1): its word's upper 24 bits.
double uniform_of(std::int64_t e, std::uint64_t seed = kMixSeed, std::uint64_t step = kMixStep) {
  return (stream_word(seed, kMixPurpose, step, static_cast<std::uint64_t>(e)) >> 8) * 0x1p-24;
}

struct MixCase {
  std::int64_t rows, width, first;
  std::int64_t offset = 0;  // floats past an aligned address
};

std::vector<MixCase> mix_cases() {
  std::vector<MixCase> all;
  for (const std::int64_t rows : {1, 2, 5, 8, 33})
    for (const std::int64_t width : {1, 2, 3, 4, 5, 10, 31, 36, 129})
      for (const std::int64_t first : {0, 1, 3, 64}) all.push_back({rows, width, first, first == 3 ? 1 : 0});
  all.push_back({1201, 10, 7});
  all.push_back({130, 132, 1001});
  return all;
}

class MixedRowsTest : public OnDevice {
 protected:
  void check(const MixCase& c, bool between) {
    SCOPED_TRACE(testing::Message() << c.rows << " x " << c.width << " from " << c.first << ", "
                                    << (between ? "between" : "around"));
    std::mt19937 generator(static_cast<unsigned>(c.rows * 100 + c.width));
    const std::int64_t n = c.rows * c.width;
    const auto reals = numbers(c.offset + n, generator), fakes = numbers(c.offset + n, generator);
    const auto real = input(reals), fake = input(fakes), deviation = input<float>({1.75f});
    const auto step = input<std::uint64_t>({kMixStep});
    const auto out = output<float>(static_cast<std::size_t>(c.offset + n));
    out.set(std::vector<float>(out.size(), -9.0f));
    kernels::mixed_rows(queue(), {.rows = c.rows,
                                  .width = c.width,
                                  .real = real.data() + c.offset,
                                  .fake = between ? fake.data() + c.offset : nullptr,
                                  .deviation = between ? nullptr : deviation.data(),
                                  .out = out.data() + c.offset,
                                  .first = c.first,
                                  .random = {kMixSeed, RandomPurpose::penalty_points, step.data()}});
    const auto got = out.get();
    for (std::int64_t i = 0; i < c.offset; ++i) ASSERT_EQ(got[i], -9.0f);
    for (std::int64_t i = 0; i < n; ++i) {
      const double a = reals[c.offset + i], b = fakes[c.offset + i];
      const double share = uniform_of(c.first + i / c.width), around = uniform_of(c.first * c.width + i);
      const double expected = between ? share * a + (1 - share) * b : a + 0.5 * 1.75 * around;
      ASSERT_NEAR(got[c.offset + i], expected, 2e-7 * (1 + std::abs(a) + std::abs(b))) << i;
    }
    release();
  }
};
AGON_ON_EVERY_DEVICE(MixedRowsTest);

TEST_P(MixedRowsTest, LieBetweenRealAndFakeRows) {
  for (const MixCase& c : mix_cases()) check(c, true);
}

TEST_P(MixedRowsTest, LieAroundRealRows) {
  for (const MixCase& c : mix_cases()) check(c, false);
}

/// A micro-batch's points are those of the whole batch.
TEST_P(MixedRowsTest, PartsAreTheWhole) {
  std::mt19937 generator(3);
  constexpr std::int64_t kRows = 23, kWidth = 7;
  const auto real = input(numbers(kRows * kWidth, generator)),
             fake = input(numbers(kRows * kWidth, generator));
  const auto deviation = input<float>({0.5f});
  for (const bool between : {true, false}) {
    const auto whole = output<float>(kRows * kWidth), parts = output<float>(kRows * kWidth);
    MixedRows op{.rows = kRows,
                 .width = kWidth,
                 .real = real.data(),
                 .fake = between ? fake.data() : nullptr,
                 .deviation = deviation.data(),
                 .out = whole.data(),
                 .random = {kMixSeed, RandomPurpose::penalty_points}};
    kernels::mixed_rows(queue(), op);
    for (const auto& [first, end] : {std::pair{0, 6}, {6, 17}, {17, 23}}) {
      op.first = first, op.rows = end - first, op.out = parts.data() + first * kWidth;
      op.real = real.data() + first * kWidth;
      if (between) op.fake = fake.data() + first * kWidth;
      kernels::mixed_rows(queue(), op);
    }
    EXPECT_EQ(bits(parts.get()), bits(whole.get()));
  }
}

class MixedRowsReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(MixedRowsReplicas);

/// With the deviation of the table that it learns from.
TEST_P(MixedRowsReplicas, EachDrawsItsOwn) {
  std::mt19937 generator(4);
  const auto content = numbers(kReplicas * 1024, generator);
  for (const bool between : {true, false}) {
    expect_replicas_as_alone(content, [&](QueueView view, float* at, int r) {
      const std::uint64_t seed =
          view.replicas.count == 1 ? kMixSeed + static_cast<std::uint64_t>(r) : kMixSeed;
      kernels::mixed_rows(view, {.rows = 20,
                                 .width = 15,
                                 .real = at,
                                 .fake = between ? at + 300 : nullptr,
                                 .deviation = at + 1000,
                                 .out = at + 600,
                                 .random = {seed, RandomPurpose::penalty_points}});
    });
  }
}

}  // namespace mixed_rows_test
}  // namespace agon::test
