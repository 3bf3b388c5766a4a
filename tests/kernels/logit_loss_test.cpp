// A discriminator's last layer with its objective, against plain formulas in double precision.
#include "kernels/logit_loss.hpp"

#include <cmath>

#include "tests/kernels/linear_oracle.hpp"

namespace agon::test {
namespace {

struct LogitCase {
  std::int64_t rows, in, split;
  float target[2], scale[2];
};

std::ostream& operator<<(std::ostream& stream, const LogitCase& c) {
  return stream << c.rows << " rows of " << c.in << ", split at " << c.split;
}

const LogitCase kCases[] = {
    {16, 256, 8, {1.0f, 0.0f}, {0.125f, 0.125f}}, {1, 1, 0, {1.0f, 0.0f}, {1.0f, 1.0f}},
    {1, 1, 1, {1.0f, 0.0f}, {1.0f, 1.0f}},        {5, 33, 2, {0.9f, 0.0f}, {0.5f, 1.0f}},
    {7, 10, 7, {0.0f, 0.0f}, {-1.0f, 0.0f}},      {9, 130, 0, {1.0f, 0.25f}, {1.0f, 0.1f}},
    {33, 36, 17, {1.0f, 0.0f}, {1.0f, 1.0f}},
};

class LogitLossTest : public OnDevice {
 protected:
  /// `apart`: the segments' logits go to places of their own.
  void check(const LogitCase& c, bool want_dx, bool apart) {
    std::mt19937 generator(static_cast<unsigned>(c.rows * 1000 + c.in));
    const Oracle layer({c.rows, c.in, 1}, generator);
    const auto x = input(layer.x), weight = input(layer.weight), bias = input(layer.bias);
    const auto logits = output<float>(static_cast<std::size_t>(c.rows));
    const auto elsewhere = output<float>(static_cast<std::size_t>(c.rows - c.split));
    const auto dlogits = output<float>(static_cast<std::size_t>(c.rows));
    const auto dx = output<float>(want_dx ? layer.x.size() : 0);
    kernels::LogitLoss op{.rows = c.rows,
                          .in = c.in,
                          .split = c.split,
                          .x = x.data(),
                          .weight = weight.data(),
                          .bias = bias.data(),
                          .logits = {logits.data(), apart ? elsewhere.data() : logits.data() + c.split},
                          .dlogits = dlogits.data(),
                          .dx = want_dx ? dx.data() : nullptr,
                          .input_slope = 0.2f,
                          .target = {c.target[0], c.target[1]},
                          .scale = {c.scale[0], c.scale[1]}};
    kernels::logit_loss(queue(), op);

    std::vector<float> z = logits.get();
    const std::vector<float> second = elsewhere.get();
    if (apart) std::copy(second.begin(), second.end(), z.begin() + c.split);
    expect_sums(z, layer.y(1.0), "logits", kFp32Tolerance);
    const std::vector<float> dz = dlogits.get();
    for (std::int64_t r = 0; r < c.rows; ++r) {
      const int s = r >= c.split ? 1 : 0;
      const double sigmoid = 1 / (1 + std::exp(-static_cast<double>(z[r])));
      const double expected = static_cast<double>(c.scale[s]) * (sigmoid - static_cast<double>(c.target[s]));
      ASSERT_NEAR(dz[r], expected, 3e-7 * std::abs(static_cast<double>(c.scale[s]))) << "row " << r;
    }
    if (want_dx) {
      Oracle back = layer;
      back.dz = dz;
      expect_sums(dx.get(), back.dx(static_cast<double>(0.2f)), "dx", kFp32Tolerance);
    }
    release();
  }
};
AGON_ON_EVERY_DEVICE(LogitLossTest);

TEST_P(LogitLossTest, EqualsPlainFormulas) {
  for (const LogitCase& c : kCases)
    for (const bool want_dx : {true, false})
      for (const bool apart : {false, true}) {
        SCOPED_TRACE(testing::Message() << c << (want_dx ? "" : ", no dx") << (apart ? ", apart" : ""));
        check(c, want_dx, apart);
      }
}

TEST_P(LogitLossTest, StaysFiniteForTheLargestLogits) {
  const auto x = input<float>({1, -1}), weight = input<float>({3e38f}), bias = input<float>({0});
  const auto logits = output<float>(2), dlogits = output<float>(2), dx = output<float>(2);
  kernels::logit_loss(queue(), {.rows = 2,
                                .in = 1,
                                .split = 1,
                                .x = x.data(),
                                .weight = weight.data(),
                                .bias = bias.data(),
                                .logits = {logits.data(), logits.data() + 1},
                                .dlogits = dlogits.data(),
                                .dx = dx.data()});
  EXPECT_EQ(logits.get(), (std::vector<float>{3e38f, -3e38f}));
  EXPECT_EQ(dlogits.get(), (std::vector<float>{0, 0}));  // both are judged right beyond doubt
}

}  // namespace
}  // namespace agon::test
