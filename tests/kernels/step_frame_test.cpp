// What rides on the two ends of a step: its noise and rows, the copy of what is learnt, the losses, the last
// gradients. Each has the bits of the plain operations.
#include <random>
#include <utility>

#include "kernels/step.hpp"
#include "tests/kernels/linear_fixture.hpp"

namespace agon::test {
namespace step_frame_test {

using kernels::Objective;
using kernels::RowRole;
using kernels::StepState;
using kernels::StepStatistics;

class StepFrame : public OnDevice {
 protected:
  static StepState at_step(std::uint64_t step) {
    StepState state;
    state.step = step;
    state.optimiser[0] = {.rate = 2e-4, .beta1 = 0.5, .beta2 = 0.999, .epsilon = 1e-8};
    state.optimiser[1] = {.step = 10, .rate = 3e-3, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-7};
    return state;
  }
};
AGON_ON_EVERY_DEVICE(StepFrame);

TEST_P(StepFrame, BeginsWithTheStepsNoiseAndRows) {
  constexpr std::int64_t kNoise = 4 * 300, kTable = 29, kWidth = 5, kBatch = 21;
  std::mt19937 generator(1);
  const auto table = input(numbers(kTable * kWidth, generator));
  for (const std::uint64_t step : {0, 1, 77}) {
    const auto state = inout<StepState>({at_step(step)});
    const auto noise = output<float>(kNoise), rows = output<float>((kBatch - 4) * kWidth);
    const auto same_noise = output<float>(kNoise), same_rows = output<float>((kBatch - 4) * kWidth);
    kernels::StepBegin begin{
        .state = state.data(),
        .noise = {.n = kNoise,
                  .first = 8,
                  .out = noise.data(),
                  .random = {3, kernels::RandomPurpose::training_noise, &state.data()->step}},
        .rows = {.rows = kTable,
                 .width = kWidth,
                 .batch = kBatch,
                 .first = 4,
                 .table = table.data(),
                 .out = rows.data(),
                 .seed = 3,
                 .step = &state.data()->step}};
    kernels::step_begin(queue(), begin);
    EXPECT_EQ(state.get()[0].optimiser[0].step, 1u);
    EXPECT_EQ(state.get()[0].step, step);
    begin.noise.out = same_noise.data(), begin.rows.out = same_rows.data();
    kernels::normal_fill(queue(), begin.noise);
    kernels::gather_batch(queue(), begin.rows);
    EXPECT_EQ(bits(noise.get()), bits(same_noise.get()));
    EXPECT_EQ(bits(rows.get()), bits(same_rows.get()));
  }
}

TEST_P(StepFrame, KeepsWhatIsLearntInTwoSlotsByTurns) {
  constexpr std::int64_t kFloats = 10'000;
  std::mt19937 generator(2);
  const std::vector<float> first = numbers(kFloats, generator), second = numbers(kFloats, generator);
  const auto learnt = inout(first), slot0 = output<float>(kFloats), slot1 = output<float>(kFloats);
  const auto bytes = [](const GuardedBuffer<float>& buffer) {
    return reinterpret_cast<std::byte*>(buffer.data());
  };
  const kernels::KeepGood keep{bytes(learnt), kFloats * 4, {bytes(slot0), bytes(slot1)}, 8};
  const auto begun = [&](std::uint64_t step, std::uint32_t diverged) {
    StepState start = at_step(step);
    start.diverged = diverged;
    const auto state = inout<StepState>({start});
    kernels::step_begin(queue(), {.state = state.data(), .keep = keep, .advances = 0b10});
    return state.get()[0].keeping;
  };
  EXPECT_EQ(begun(8, 1).slot, -1);
  EXPECT_EQ(begun(9, 0).slot, -1);
  EXPECT_EQ(bits(slot1.get()), bits(std::vector<float>(kFloats, std::bit_cast<float>(~0u))))
      << "nothing to copy";
  const kernels::GoodState kept = begun(8, 0);
  EXPECT_EQ(kept.slot, 1);
  EXPECT_EQ(kept.step, 8u);
  EXPECT_EQ(kept.updates[0], 0u);
  EXPECT_EQ(kept.updates[1], 10u) << "before the one that begins";
  EXPECT_EQ(slot1.get(), first);
  learnt.set(second);
  EXPECT_EQ(begun(16, 0).slot, 0);
  EXPECT_EQ(slot0.get(), second);
  EXPECT_EQ(slot1.get(), first);
}

TEST_P(StepFrame, ACopyIsGoodOnceItsStepsLossesAreFinite) {
  const auto ring = output<StepStatistics>(4);
  const auto published = inout<std::uint64_t>({0});
  for (const bool finite : {true, false}) {
    StepState start = at_step(6);
    start.keeping = {0, 6, {5, 16, 0, 3}};
    start.kept = {1, 2, {1, 12}};
    if (!finite) start.result[1].loss[0] = std::numeric_limits<float>::infinity();
    const auto state = inout<StepState>({start});
    kernels::step_end(queue(), {state.data(), ring.data(), published.data(), 4});
    EXPECT_EQ(state.get()[0].kept.slot, finite ? 0 : 1);
    EXPECT_EQ(state.get()[0].kept.step, finite ? 6u : 2u);
    EXPECT_EQ(state.get()[0].kept.updates[1], finite ? 16u : 12u);
    EXPECT_EQ(state.get()[0].kept.updates[3], finite ? 3u : 0u);
  }
}

TEST_P(StepFrame, EndsWithTheLossesAndTheLastGradients) {
  std::mt19937 generator(3);
  for (const auto& [batch, objective] :
       {std::pair{std::int64_t{1}, Objective::non_saturating},
        std::pair{std::int64_t{33}, Objective::relativistic}, std::pair{std::int64_t{33}, Objective::hinge},
        std::pair{std::int64_t{700}, Objective::minimax}}) {
    SCOPED_TRACE(batch);
    const auto logits = input(numbers(4 * batch, generator));
    const LinearData wide({40, 33, 20}, generator), thin({24, 6, 30}, generator);
    const auto x1 = input(wide.x), dz1 = input(wide.dz), x2 = input(thin.x), dz2 = input(thin.dz);
    std::vector<std::vector<std::uint32_t>> gradients[2];
    StepStatistics rows[2];
    for (const bool beside : {false, true}) {
      const auto state = inout<StepState>({at_step(4)});
      const auto ring = output<StepStatistics>(8);
      const auto published = inout<std::uint64_t>({0});
      const auto dw1 = output<float>(wide.weight.size()), db1 = output<float>(wide.bias.size());
      const auto dw2 = output<float>(thin.weight.size()), db2 = output<float>(thin.bias.size());
      const kernels::LinearBackward first{
          .shape = wide.shape, .x = x1.data(), .dz = dz1.data(), .dweight = dw1.data(), .dbias = db1.data()};
      const kernels::LinearBackward second{
          .shape = thin.shape, .x = x2.data(), .dz = dz2.data(), .dweight = dw2.data(), .dbias = db2.data()};
      const kernels::ObjectiveLoss d{
          .n = 2 * batch,
          .split = batch,
          .logits = logits.data(),
          .result = &state.data()->result[0],
          .term = {loss_term(objective, RowRole::real), loss_term(objective, RowRole::fake)}};
      const kernels::ObjectiveLoss g{
          .n = 2 * batch,
          .split = batch,
          .logits = logits.data() + 2 * batch,
          .result = &state.data()->result[1],
          .term = {loss_term(objective, RowRole::generated), loss_term(objective, RowRole::reference)}};
      kernels::StepEnd end{state.data(), ring.data(), published.data(), 8};
      end.penalties = logits.data(), end.penalty_rows = batch, end.penalty_scale = 0.5f;
      end.loss[0] = d, end.loss[1] = g;
      if (beside) {
        kernels::step_end_beside(queue(), {end, {first, second}});
      } else {
        kernels::linear_backward(queue(), first);
        kernels::linear_backward(queue(), second);
        kernels::step_end(queue(), end);
      }
      rows[beside ? 1 : 0] = ring.get()[4];
      EXPECT_EQ(published.get()[0], 5u);
      EXPECT_EQ(state.get()[0].step, 5u);
      for (const auto& buffer : {dw1, db1, dw2, db2}) gradients[beside ? 1 : 0].push_back(bits(buffer.get()));
    }
    EXPECT_EQ(gradients[0], gradients[1]);
    const double tolerance = on_cuda() ? 1e-6 : 0;  // there the block's threads share the sum otherwise
    for (int i = 0; i < 2; ++i) {
      EXPECT_NEAR(rows[1].loss[i], rows[0].loss[i], tolerance);
      EXPECT_NEAR(rows[1].output[i], rows[0].output[i], tolerance);
    }
    EXPECT_GT(rows[0].loss[0], 0.1);
    EXPECT_NE(rows[0].penalty, 0.0f);
    EXPECT_EQ(rows[1].penalty, rows[0].penalty);
    release();
  }
}

}  // namespace step_frame_test
}  // namespace agon::test
