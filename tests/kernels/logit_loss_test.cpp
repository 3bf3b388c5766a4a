// A discriminator's last layer with its objective, against plain formulas in double precision.
#include "kernels/logit_loss.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tests/kernels/linear_oracle.hpp"
#include "tests/kernels/objective_oracle.hpp"

namespace agon::test {
namespace logit_loss_test {

struct LogitCase {
  std::int64_t rows, in, split;
  RowRole role[2];
  float label;
  float scale[2];
  Objective objective = Objective::non_saturating;

  std::int64_t judged() const { return role[1] == RowRole::reference ? split : rows; }
};

std::ostream& operator<<(std::ostream& stream, const LogitCase& c) {
  return stream << to_string(c.objective) << ", " << c.rows << " rows of " << c.in << ", split at "
                << c.split;
}

constexpr RowRole kReal = RowRole::real, kFake = RowRole::fake, kGenerated = RowRole::generated,
                  kReference = RowRole::reference;

const LogitCase kLogitCases[] = {
    {16, 256, 8, {kReal, kFake}, 1.0f, {0.125f, 0.125f}},
    {1, 1, 0, {kReal, kFake}, 1.0f, {1.0f, 1.0f}},
    {1, 1, 1, {kReal, kFake}, 1.0f, {1.0f, 1.0f}},
    {5, 33, 2, {kReal, kFake}, 0.9f, {0.5f, 1.0f}},
    {7, 10, 7, {kGenerated, kReference}, 1.0f, {0.5f, 0.0f}, Objective::minimax},
    {9, 130, 0, {kReal, kGenerated}, 1.0f, {1.0f, 0.1f}},
    {33, 36, 17, {kReal, kFake}, 1.0f, {1.0f, 1.0f}},
};

/// Each objective in both phases; the generator's with its partners in place, which get logits only.
std::vector<LogitCase> cases() {
  std::vector<LogitCase> all(std::begin(kLogitCases), std::end(kLogitCases));
  for (const Objective objective : kObjectives)
    for (const auto& [rows, in] : {std::pair{2, 1}, std::pair{18, 33}, std::pair{34, 36}}) {
      all.push_back({rows, in, rows / 2, {kReal, kFake}, 1.0f, {0.25f, 0.25f}, objective});
      all.push_back({rows, in, rows / 2, {kGenerated, kReference}, 1.0f, {0.25f, 0.25f}, objective});
    }
  return all;
}

class LogitLossTest : public OnDevice {
 protected:
  /// `apart`: the segments' logits go to places of their own.
  void check(const LogitCase& c, bool want_dx, bool apart) {
    std::mt19937 generator(static_cast<unsigned>(c.rows * 1000 + c.in));
    const Oracle layer({c.rows, c.in, 1}, generator);
    const auto x = input(layer.x), weight = input(layer.weight), bias = input(layer.bias);
    const auto logits = output<float>(static_cast<std::size_t>(c.rows));
    const auto elsewhere = output<float>(static_cast<std::size_t>(c.rows - c.split));
    const auto dlogits = output<float>(static_cast<std::size_t>(c.judged()));
    const auto dx = output<float>(want_dx ? static_cast<std::size_t>(c.judged() * c.in) : 0);
    kernels::LogitLoss op{
        .rows = c.rows,
        .in = c.in,
        .split = c.split,
        .x = x.data(),
        .weight = weight.data(),
        .bias = bias.data(),
        .logits = {logits.data(), apart ? elsewhere.data() : logits.data() + c.split},
        .dlogits = dlogits.data(),
        .dx = want_dx ? dx.data() : nullptr,
        .input_slope = 0.2f,
        .term = {loss_term(c.objective, c.role[0], c.label), loss_term(c.objective, c.role[1])},
        .scale = {c.scale[0], c.scale[1]}};
    kernels::logit_loss(queue(), op);

    std::vector<float> z = logits.get();
    const std::vector<float> second = elsewhere.get();
    if (apart) std::copy(second.begin(), second.end(), z.begin() + c.split);
    expect_sums(z, layer.y(1.0), "logits", kFp32Tolerance);
    const std::vector<float> dz = dlogits.get();
    for (std::int64_t r = 0; r < c.judged(); ++r) {
      const int s = r >= c.split ? 1 : 0;
      const float partner = kernels::is_paired(c.objective)
                                ? z[static_cast<std::size_t>(s == 0 ? r + c.split : r - c.split)]
                                : 0.0f;
      if (at_kink(c.objective, c.role[s], z[r])) continue;
      const double slope = static_cast<double>(pair_slope(c.objective, c.role[s], z[r], partner, c.label));
      const double scale = c.scale[s];
      ASSERT_NEAR(dz[r], scale * slope, 3e-7 * scale * std::max(1.0, std::abs(slope))) << "row " << r;
    }
    if (want_dx) {
      Oracle back = layer;
      back.shape.batch = c.judged();
      back.x.resize(dx.size());
      back.dz = dz;
      expect_sums(dx.get(), back.dx(static_cast<double>(0.2f)), "dx", kFp32Tolerance);
    }
    release();
  }
};
AGON_ON_EVERY_DEVICE(LogitLossTest);

TEST_P(LogitLossTest, EqualsPlainFormulas) {
  for (const LogitCase& c : cases())
    for (const bool want_dx : {true, false})
      for (const bool apart : {false, true}) {
        SCOPED_TRACE(testing::Message() << c << (want_dx ? "" : ", no dx") << (apart ? ", apart" : ""));
        check(c, want_dx, apart);
      }
}

TEST_P(LogitLossTest, StaysFiniteForTheLargestLogits) {
  const auto x = input<float>({1, -1}), weight = input<float>({3e38f}), bias = input<float>({0});
  const auto logits = output<float>(2), dlogits = output<float>(2), dx = output<float>(2);
  kernels::logit_loss(queue(),
                      {.rows = 2,
                       .in = 1,
                       .split = 1,
                       .x = x.data(),
                       .weight = weight.data(),
                       .bias = bias.data(),
                       .logits = {logits.data(), logits.data() + 1},
                       .dlogits = dlogits.data(),
                       .dx = dx.data(),
                       .term = {loss_term(Objective::minimax, kReal), loss_term(Objective::minimax, kFake)}});
  EXPECT_EQ(logits.get(), (std::vector<float>{3e38f, -3e38f}));
  EXPECT_EQ(dlogits.get(), (std::vector<float>{0, 0}));  // both are judged right beyond doubt
}

}  // namespace logit_loss_test
}  // namespace agon::test
