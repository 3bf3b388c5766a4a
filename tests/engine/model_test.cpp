// A Model plays another game than a GAN's: an autoencoder, of a few lines, on every device.
#include "engine/model/model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "kernels/error.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/loss_gradient.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/plain_game.hpp"
#include "tests/finite_differences.hpp"

namespace agon {
namespace model_test {

constexpr std::int64_t kRows = 40, kBatch = 16, kWidth = 6, kElements = kBatch * kWidth;
constexpr std::size_t kEncoder = 0, kDecoder = 1;
const std::uint64_t kSteps = test::simulated() ? 30 : 2000;

/// Rows of six columns that two numbers make, on every device the same.
std::vector<float> plane() {
  std::mt19937 engine(5);
  std::normal_distribution<float> normal;
  std::vector<float> rows;
  for (std::int64_t r = 0; r < kRows; ++r) {
    const float a = normal(engine), b = normal(engine);
    for (const float value : {a, b, a + b, a - b, 0.5f * a, 0.25f * b - a}) rows.push_back(value);
  }
  return rows;
}

/// Half the mean squared difference between rows and what a decoder makes of their codes.
class Autoencoder : public Game {
 public:
  explicit Autoencoder(const Device& device) : table_(device, static_cast<std::size_t>(kRows * kWidth)) {}

  void set_table(const Queue& queue, const std::vector<float>& rows) {
    queue.upload(table_.data(), std::span(rows));
    queue.wait();
  }

  void lay_out(Memory& memory, const ModelMemory& model) override {
    model_ = &model;
    decoded_ = {memory.floats(2 * kElements, {"decoded, then the rows", kWidth}), kBatch, kWidth};
    rows_ = {decoded_.data + kElements, kBatch, kWidth};
  }

  void record(Program& program, const kernels::StepEnd& rings) const override {
    const Network &encoder = model_->networks[kEncoder], &decoder = model_->networks[kDecoder];
    program.add<kernels::step_begin>({.state = model_->state, .keep = model_->keep, .advances = 0b11});
    program.add<kernels::gather_batch>({.rows = kRows,
                                        .width = kWidth,
                                        .batch = kBatch,
                                        .table = table_.data(),
                                        .out = rows_.data,
                                        .seed = 1,
                                        .step = &model_->state->step});

    const Trace code = encoder.forward(program, rows_, {});
    const Trace decoded = decoder.forward(program, code.y(), {}, decoded_.data);

    kernels::StepEnd end = rings;
    end.state = model_->state;
    end.loss[0] = {.n = 2 * kElements,
                   .split = kElements,
                   .logits = decoded_.data,
                   .result = &model_->state->result[0],
                   .term = {{.shape = kernels::LossShape::square, .paired = true}, {}}};
    const Rows gradient{program.floats(kElements, {"gradient", kWidth}), kBatch, kWidth};
    program.add<kernels::loss_gradient>({.count = {kElements, kElements},
                                         .logits = {decoded_.data, rows_.data},
                                         .dlogits = gradient.data,
                                         .term = {end.loss[0].term[0], end.loss[0].term[1]},
                                         .scale = {1.0f / kElements, 1.0f}});

    const Rows by_code = decoder.backward(program, decoded, gradient, {}, {.input = true}).by_input;
    encoder.backward(program, code, by_code, {});
    optimise(program, *model_, kEncoder);
    optimise(program, *model_, kDecoder);
    program.add<kernels::step_end>(end);
  }

  void add_memory_before_step(ByteRanges& there) const override {
    there.add(reinterpret_cast<const std::byte*>(table_.data()),
              reinterpret_cast<const std::byte*>(table_.data() + table_.size()));
  }

 private:
  Buffer<float> table_;
  const ModelMemory* model_ = nullptr;
  Rows decoded_, rows_;
};

std::vector<Learner> players(double rate = 0.01) {
  const Optimiser optimiser{.rate = rate, .beta1 = 0.9};
  return {{"encoder", {.widths = {kWidth, 12, 12, 2}, .residual = Residual::add}, optimiser},
          {"decoder", {.widths = {2, 12, kWidth}, .residual = Residual::concat}, optimiser}};
}

struct Played {
  explicit Played(const Device& device, std::uint64_t steps, double rate = 0.01, int replicas = 1,
                  const LoopOptions& loop = {.unroll = 3})
      : game(device), model(game, players(rate), device, loop, replicas, 3) {
    game.set_table(model.queue(), plane());
    model.make_step();
    EXPECT_EQ(model.train(steps, {}), steps);
  }
  float loss(std::uint64_t step, int replica = 0) const {
    return model.statistics(step, replica).front().loss[0];
  }

  Autoencoder game;
  Model model;
};

void expect_same(const ModelSnapshot& a, const ModelSnapshot& b) {
  EXPECT_EQ(a.updates, b.updates);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    EXPECT_EQ(a.tensors[i].name, b.tensors[i].name);
    EXPECT_EQ(a.tensors[i].value, b.tensors[i].value) << a.tensors[i].name;
    EXPECT_EQ(a.tensors[i].moment2, b.tensors[i].moment2) << a.tensors[i].name;
  }
}

class ModelTest : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, ModelTest, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

TEST_P(ModelTest, AnAutoencoderLearnsThePlaneItsRowsLieOn) {
  const Played played(device(), kSteps);
  const float first = played.loss(0), last = played.loss(kSteps - 1);
  EXPECT_LT(last, first * (test::simulated() ? 0.8f : 0.02f)) << first;
}

/// The same game in plain loops of double precision, on the rows of the first step.
TEST_P(ModelTest, GradientsMatchFiniteDifferences) {
  const Played played(device(), 1, 0);
  std::vector<test::PlainNetwork> networks;
  for (const Learner& learner : players()) {
    const NetworkSpec& spec = learner.network;
    test::PlainNetwork& network = networks.emplace_back(
        test::PlainNetwork{spec.widths, double{spec.slope}, {}, spec.norm, spec.residual});
    for (const TensorView& view : played.model.parameters()) {
      if (!view.name.starts_with(learner.name)) continue;
      const auto values = played.model.parameter(view.name, 0);
      network.tensors.emplace_back(values.begin(), values.end());
    }
  }
  constexpr std::uint64_t kStep = 0;
  std::vector<float> batch(static_cast<std::size_t>(kRows * kWidth));
  const std::vector<float> table = plane();
  const Device cpu = Device::cpu(1);
  const Queue queue(cpu);
  kernels::gather_batch(queue, {.rows = kRows,
                                .width = kWidth,
                                .batch = kBatch,
                                .table = table.data(),
                                .out = batch.data(),
                                .seed = 1,
                                .step = &kStep});
  const test::PlainRows rows = test::rows_of(batch, 0, kBatch, kWidth);
  const auto no_mask = [](std::size_t) { return test::PlainMask(); };
  const auto loss = [&] {
    const test::PlainRows decoded = networks[1].rows(networks[0].rows(rows, no_mask), no_mask);
    double sum = 0;
    for (std::size_t r = 0; r < rows.size(); ++r)
      for (std::size_t c = 0; c < rows[r].size(); ++c)
        sum += (decoded[r][c] - rows[r][c]) * (decoded[r][c] - rows[r][c]) / 2;
    return sum / kElements;
  };
  EXPECT_NEAR(played.loss(0), loss(), 1e-6);
  std::size_t tensor = 0;
  for (const TensorView& view : played.model.parameters()) {
    test::PlainNetwork& network = networks[view.name.starts_with("encoder") ? 0 : 1];
    if (view.name == "decoder.0.weight") tensor = 0;
    const std::vector<double> expected = test::finite_differences(network.tensors[tensor++], loss);
    const std::vector<float> gradient = played.model.gradient(view.name, 0);
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(gradient[i], expected[i], 1e-5 * (1 + std::abs(expected[i])))
          << view.name << "[" << i << "]";
  }
}

/// On CUDA a pair of layers has another order of sums than the two alone.
TEST_P(ModelTest, PassesChangeNothing) {
  const Played fused(device(), 5), plain(device(), 5, 0.01, 1, {.fuse = "none"});
  const auto layers = [](const Model& model) {
    return std::ranges::count(model.step().operations(), "activation", &Operation::name);
  };
  EXPECT_EQ(layers(plain.model), 3);
  EXPECT_EQ(layers(fused.model), 0);
  if (!on_cuda()) return expect_same(fused.model.snapshot(0), plain.model.snapshot(0));
  for (const TensorView& view : fused.model.parameters()) {
    const auto a = fused.model.parameter(view.name, 0), b = plain.model.parameter(view.name, 0);
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 2e-5) << view.name;
  }
}

TEST_P(ModelTest, ResumesWithTheSameBits) {
  const Played whole(device(), 8), half(device(), 4);
  Played rest(device(), 0);
  rest.model.restore(half.model.snapshot(0), 0);
  EXPECT_EQ(rest.model.train(4, {}), 4u);
  expect_same(rest.model.snapshot(0), whole.model.snapshot(0));
  EXPECT_EQ(rest.loss(7), whole.loss(7));
}

TEST_P(ModelTest, RefusesWhatIsAnotherModels) {
  Played played(device(), 1);
  const auto refused = [&](const auto& change) {
    ModelSnapshot snapshot = played.model.snapshot(0);
    change(snapshot);
    EXPECT_THROW(played.model.restore(snapshot, 0), ConfigurationError);
  };
  refused([](ModelSnapshot& s) { s.updates.push_back(1); });
  refused([](ModelSnapshot& s) { s.tensors.pop_back(); });
  refused([](ModelSnapshot& s) { s.tensors[0].value.push_back(1); });
  refused([](ModelSnapshot& s) { s.tensors[1].moment2.pop_back(); });
  refused([](ModelSnapshot& s) { s.tensors[1].average = s.tensors[1].value; });
  refused([](ModelSnapshot& s) { s.tensors[0].name = "decoder.0.weight"; });
  refused([](ModelSnapshot& s) { s.tensors[2].left_singular = {1}; });
  EXPECT_NO_THROW(played.model.restore(played.model.snapshot(0), 0));
}

TEST(ModelsLearners, AreOneToFour) {
  Autoencoder game(Device::cpu(1));
  const auto made = [&](const std::vector<Learner>& learners) {
    Model model(game, learners, Device::cpu(1), {}, 1, 1);
  };
  EXPECT_THROW(made({}), ConfigurationError);
  EXPECT_THROW(made(std::vector<Learner>(5, players()[0])), ConfigurationError);
  std::vector<Learner> averaged = players();
  averaged[0].spectral_norm = true, averaged[0].optimiser.average_half_life = 10;
  EXPECT_THROW(made(averaged), ConfigurationError);
}

TEST_P(ModelTest, ReplicasStartFromSeedsOfTheirOwn) {
  const Played both(device(), 5, 0.01, 2);
  expect_same(both.model.snapshot(0), Played(device(), 5).model.snapshot(0));
  EXPECT_NE(both.loss(4, 0), both.loss(4, 1));
}

TEST_P(ModelTest, IsTheProcessorsOnEveryDevice) {
  const Played mine(device(), 10), processors(Device::cpu(1), 10);
  for (const TensorView& view : mine.model.parameters()) {
    const auto a = mine.model.parameter(view.name, 0), b = processors.model.parameter(view.name, 0);
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 2e-5) << view.name;
  }
}

}  // namespace model_test
}  // namespace agon
