// The rows of a logit_loss whose own gradient goes back, and the bare ones: beside the same operation without
// them, which logit_loss_test.cpp holds against plain formulas.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/logit_loss.hpp"
#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace logit_loss_unit_rows_test {

using kernels::LogitLoss;
using kernels::Objective;
using kernels::RowRole;

struct UnitCase {
  std::int64_t bare, split, second, in;
  std::int64_t unit_first, unit_rows;
  Objective objective = Objective::non_saturating;
  RowRole role[2] = {RowRole::real, RowRole::fake};

  std::int64_t rows() const { return bare + split + second; }
  std::int64_t judged() const { return role[1] == RowRole::reference ? bare + split : rows(); }
  bool is_unit(std::int64_t r) const { return r >= unit_first && r < unit_first + unit_rows; }
};

const UnitCase kUnitCases[] = {
    {0, 8, 8, 36, 0, 16},                           // R1 and R2
    {0, 8, 8, 36, 0, 8},                            // R1
    {0, 9, 9, 33, 9, 9, Objective::least_squares},  // R2
    {7, 7, 7, 10, 0, 7, Objective::wasserstein},    // WGAN-GP
    {5, 5, 5, 1, 0, 10, Objective::hinge},
    {6, 17, 17, 64, 0, 40, Objective::relativistic},
    {3, 17, 17, 30, 0, 3, Objective::relativistic},
    {4, 6, 6, 20, 0, 10, Objective::relativistic, {RowRole::generated, RowRole::reference}},
    {1, 1, 0, 5, 0, 1},
    {2, 0, 3, 130, 0, 2},
    {0, 3, 4, 12, 2, 3},  // on both sides of the border
    {0, 5, 5, 12, 3, 0},  // none
};

class LogitUnitRows : public OnDevice {
 protected:
  struct Results {
    std::vector<float> logits, dlogits, dx, row_weight;
  };

  LogitLoss base(const UnitCase& c) const {
    return {.in = c.in,
            .input_slope = 0.2f,
            .term = {loss_term(c.objective, c.role[0]), loss_term(c.objective, c.role[1])},
            .scale = {0.25f, 0.5f}};
  }

  Results run(LogitLoss op, std::int64_t bare, const UnitCase& c, const std::vector<float>& x_values,
              const std::vector<float>& weight_values, bool weighted, bool apart) {
    const auto x = input(x_values), weight = input(weight_values), bias = input<float>({0.125f});
    const auto n = static_cast<std::size_t>(c.split + c.second);
    const auto logits = output<float>(n), elsewhere = output<float>(static_cast<std::size_t>(c.second));
    const auto rows = static_cast<std::size_t>(c.judged() - c.bare + bare);
    const auto dlogits = output<float>(rows), dx = output<float>(rows * static_cast<std::size_t>(c.in));
    const auto row_weight = output<float>(weighted ? rows : 0);
    op.rows = bare + c.split + c.second, op.bare = bare, op.split = c.split;
    op.x = x.data(), op.weight = weight.data(), op.bias = bias.data();
    op.logits[0] = logits.data();
    op.logits[1] = apart ? elsewhere.data() : logits.data() + c.split;
    op.dlogits = dlogits.data(), op.dx = dx.data();
    if (weighted) op.unit_first = c.unit_first, op.unit_rows = c.unit_rows, op.row_weight = row_weight.data();
    kernels::logit_loss(queue(), op);
    Results results{logits.get(), dlogits.get(), dx.get(), row_weight.get()};
    const auto second = elsewhere.get();
    if (apart) std::copy(second.begin(), second.end(), results.logits.begin() + c.split);
    return results;
  }

  void check(const UnitCase& c, bool apart) {
    std::mt19937 generator(static_cast<unsigned>(c.rows() * 100 + c.in));
    const auto x = numbers(c.rows() * c.in, generator), weight = numbers(c.in, generator);
    const Results plain = run(base(c), 0, c, {x.begin() + c.bare * c.in, x.end()}, weight, false, false);
    const Results got = run(base(c), c.bare, c, x, weight, true, apart);
    EXPECT_EQ(bits(got.logits), bits(plain.logits));
    for (std::int64_t r = 0; r < c.judged(); ++r) {
      SCOPED_TRACE(r);
      const float dlogit = r < c.bare ? 0.0f : plain.dlogits[r - c.bare];
      ASSERT_EQ(got.dlogits[r], c.is_unit(r) ? 1.0f : dlogit);
      ASSERT_EQ(got.row_weight[r], c.is_unit(r) ? dlogit : 1.0f);
      for (std::int64_t i = 0; i < c.in; ++i) {
        const float own = weight[i] * (x[r * c.in + i] > 0 ? 1.0f : 0.2f);
        ASSERT_EQ(got.dx[r * c.in + i], c.is_unit(r) ? own : plain.dx[(r - c.bare) * c.in + i]) << i;
      }
    }
    release();
  }
};
AGON_ON_EVERY_DEVICE(LogitUnitRows);

TEST_P(LogitUnitRows, SendBackTheLogitsOwnGradient) {
  for (const UnitCase& c : kUnitCases)
    for (const bool apart : {false, true}) {
      SCOPED_TRACE(testing::Message() << "objective " << static_cast<int>(c.objective) << ", " << c.bare
                                      << " bare, " << c.split << " and " << c.second << " rows of " << c.in);
      check(c, apart);
    }
}

/// Nothing of a bare row is read that has no number yet, and no partner is sought among them.
TEST_P(LogitUnitRows, BareRowsOfNoNumbersSpoilNoOthers) {
  const UnitCase c{6, 17, 17, 64, 0, 6, Objective::relativistic};
  std::mt19937 generator(9);
  auto x = numbers(c.rows() * c.in, generator);
  std::fill(x.begin(), x.begin() + c.bare * c.in, std::numeric_limits<float>::quiet_NaN());
  const Results got = run(base(c), c.bare, c, x, numbers(c.in, generator), true, false);
  for (const float z : got.logits) EXPECT_TRUE(std::isfinite(z));
  for (const float v : got.row_weight) EXPECT_TRUE(std::isfinite(v));
  for (const float v : got.dlogits) EXPECT_TRUE(std::isfinite(v));
}

class LogitUnitRowsReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(LogitUnitRowsReplicas);

TEST_P(LogitUnitRowsReplicas, EachHasItsOwn) {
  constexpr std::int64_t kRows = 12, kIn = 33;
  std::mt19937 generator(10);
  expect_replicas_as_alone(numbers(kReplicas * 1024, generator), [&](QueueView view, float* at, int) {
    kernels::logit_loss(view, {.rows = kRows,
                               .in = kIn,
                               .bare = 4,
                               .split = 4,
                               .x = at,
                               .weight = at + 400,
                               .bias = at + 440,
                               .logits = {at + 448, at + 452},
                               .dlogits = at + 460,
                               .dx = at + 500,
                               .term = {loss_term(Objective::minimax, RowRole::real),
                                        loss_term(Objective::minimax, RowRole::fake)},
                               .unit_rows = 4,
                               .row_weight = at + 480});
  });
}

}  // namespace logit_loss_unit_rows_test
}  // namespace agon::test
