// The losses that step_end works out, against the objectives in plain words and long double.
#include "kernels/step_losses.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/step.hpp"
#include "tests/kernels/device_fixture.hpp"
#include "tests/kernels/objective_case.hpp"

namespace agon::test {
namespace step_losses_test {

using kernels::LossTerm;
using kernels::ObjectiveResult;
using kernels::StepState;
using kernels::StepStatistics;

constexpr ObjectiveResult kOthers{.loss = {0.5f, 0.25f}, .output = {0.75f, 0.125f}};

ObjectiveResult oracle(const ObjectiveCase& c) {
  long double loss[2] = {}, output[2] = {};
  for (std::size_t i = 0; i < c.logits.size(); ++i) {
    const int s = c.segment(i);
    const long double z = c.logits[i], partner = c.partner(i), label = c.label;
    const RowRole role = c.role_of(s);
    loss[s] += role == RowRole::real        ? real_loss(c.objective, z, partner, label)
               : role == RowRole::fake      ? fake_loss(c.objective, partner, z)
               : role == RowRole::generated ? generator_loss(c.objective, partner, z)
                                            : 0;
    output[s] += kernels::is_probability(c.objective) && role != RowRole::reference ? sigmoid(z) : z;
  }
  ObjectiveResult expected;
  for (int s = 0; s < 2; ++s) {
    const auto m = static_cast<long double>(std::max<std::size_t>(c.length(s), 1));
    expected.loss[s] = static_cast<float>(loss[s] / m);
    expected.output[s] = static_cast<float>(output[s] / m);
  }
  return expected;
}

class StepLosses : public OnDevice {
 protected:
  /// Of the step that ends with the case as one of its losses and without the other, whose result stays.
  ObjectiveResult run(const ObjectiveCase& c) { return run(c, c.term(0), c.term(1)); }

  /// The same under terms that may be no objective's.
  ObjectiveResult run(const ObjectiveCase& c, const LossTerm& first, const LossTerm& second) {
    const auto logits = input(c.logits);
    StepState before{};
    before.result[0] = before.result[1] = kOthers;
    const auto state = inout<StepState>({before});
    const auto ring = output<StepStatistics>(1);
    const auto published = inout<std::uint64_t>({0});
    StepState* const at = state.data();
    const int mine = c.generator ? 1 : 0;
    const kernels::ObjectiveLoss loss{.n = static_cast<std::int64_t>(c.logits.size()),
                                      .split = static_cast<std::int64_t>(c.split),
                                      .logits = logits.data(),
                                      .result = &at->result[mine],
                                      .term = {first, second}};
    kernels::StepEnd end{at, ring.data(), published.data(), 1};
    end.loss[mine] = loss;
    kernels::step_end(queue(), end);
    const StepState after = state.get()[0];
    const ObjectiveResult& other = after.result[1 - mine];
    EXPECT_EQ(std::memcmp(&other, &kOthers, sizeof other), 0) << "the other loss's";
    release();
    return after.result[mine];
  }

  /// Sums are good to `tolerance` of the largest term times the number of them at worst.
  void expect_matches(const ObjectiveCase& c) {
    SCOPED_TRACE(testing::Message() << c);
    const ObjectiveResult actual = run(c), expected = oracle(c);
    double size = 0;  // of a logit
    for (const float z : c.logits) size = std::max(size, std::abs(double{z}));
    if (c.objective == Objective::least_squares) size *= size;
    const double tolerance = 1e-6 * (1 + std::min(size, 20.0));
    for (int s = 0; s < 2; ++s) {
      EXPECT_NEAR(actual.loss[s], expected.loss[s], tolerance + 1e-6 * std::abs(double{expected.loss[s]}))
          << "segment " << s;
      EXPECT_NEAR(actual.output[s], expected.output[s],
                  tolerance + 1e-6 * std::abs(double{expected.output[s]}))
          << "segment " << s;
    }
  }
};
AGON_ON_EVERY_DEVICE(StepLosses);

TEST_P(StepLosses, EverySizeAndSplit) {
  for_every_split({1, 2, 3, 15, 16, 17, 127, 128, 129, 2047, 2048, 2049, 4097, 16383, 16384, 16385, 40000},
                  [&](const ObjectiveCase& c) { expect_matches(c); });
}

TEST_P(StepLosses, OfEveryObjective) {
  for_every_objective({1, 2, 15, 17, 64, 129, 2049, 9000},
                      [&](const ObjectiveCase& c) { expect_matches(c); });
}

TEST_P(StepLosses, OfEveryTermPairedOrNot) {
  for (const LossTerm& term : every_term())
    for (const std::size_t half : {1, 17, 2049}) {
      SCOPED_TRACE(testing::Message()
                   << "shape " << static_cast<int>(term.shape) << (term.paired ? ", paired" : ""));
      const ObjectiveCase c{.logits = normal_logits(2 * half, 2), .split = half};
      const ObjectiveResult actual = run(c, term, term);
      for (int s = 0; s < 2; ++s) {
        long double sum = 0;
        for (std::size_t i = 0; i < half; ++i)
          sum += term_loss(term, c.logits[s * half + i], c.logits[(1 - s) * half + i]);
        EXPECT_NEAR(actual.loss[s], static_cast<double>(sum / half), 2e-5) << "segment " << s;
      }
    }
}

TEST_P(StepLosses, HugeBatches) {
  expect_matches({.logits = normal_logits(131072, 2), .split = 65536});
  expect_matches({.logits = normal_logits(131072, 2), .split = 65536, .objective = Objective::relativistic});
  expect_matches({.logits = normal_logits(1'000'003, 2), .split = 333'333});
}

TEST_P(StepLosses, NoLogitsAtAllLeaveTheResult) {
  const ObjectiveResult result = run({});
  EXPECT_EQ(std::memcmp(&result, &kOthers, sizeof result), 0);
}

TEST_P(StepLosses, ExtremeLogitsOneByOne) {
  for_extreme_pairs([&](const ObjectiveCase& c) { expect_matches(c); });
}

TEST_P(StepLosses, SmoothedLabels) {
  for_smoothed_labels([&](const ObjectiveCase& c) { expect_matches(c); });
}

TEST_P(StepLosses, TheSameBitsEveryTime) {
  const ObjectiveCase c{
      .logits = normal_logits(70'000, 3), .split = 35'000, .objective = Objective::relativistic};
  const ObjectiveResult first = run(c);
  for (int repeat = 0; repeat < 3; ++repeat) {
    const InAnotherOrder order(repeat);
    const ObjectiveResult again = run(c);
    EXPECT_EQ(std::memcmp(&first, &again, sizeof first), 0);
  }
}

TEST_P(StepLosses, ANonFiniteLogitIsSeenInItsLoss) {
  for (const Objective objective : kObjectives) {
    ObjectiveCase c{.logits = normal_logits(100, 1), .split = 50, .objective = objective};
    c.logits[70] = std::numeric_limits<float>::quiet_NaN();
    const ObjectiveResult result = run(c);
    EXPECT_EQ(std::isfinite(result.loss[0]), !kernels::is_paired(objective));
    EXPECT_FALSE(std::isfinite(result.loss[1]));
  }
}

}  // namespace step_losses_test
}  // namespace agon::test
