// dbias of weighted rows: against plain loops in double precision, by every algorithm; nothing else changes
// by a bit.
#include <algorithm>

#include "kernels/linear_algorithms.hpp"
#include "tests/kernels/linear_oracle.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace linear_row_weight_test {

using kernels::LayerBackend;
using kernels::LayerChoice;
using kernels::LinearShape;
using kernels::Precision;

/// Thin on either side, a tile's edges, batches past the processor's pieces of a sum and long enough to be
/// cut.
constexpr LinearShape kWeightedShapes[] = {{64, 10, 512},  {40, 70, 130}, {128, 256, 1},  {1, 1, 1},
                                           {700, 1, 1},    {513, 33, 1},  {1100, 16, 20}, {29, 64, 65},
                                           {1001, 30, 34}, {1537, 40, 9}, {13, 31, 33},   {131, 20, 17},
                                           {33, 70, 16},   {700, 17, 18}, {65, 129, 20}};

class LinearRowWeight : public LinearOnDevice {
 protected:
  void expect_weighted(const Oracle& data, LayerBackend backend, bool want_dx) {
    row_weights.clear();
    const LinearGradients plain = backward(data, 0.2f, backend, want_dx);
    row_weights = weights_;
    const LinearGradients g = backward(data, 0.2f, backend, want_dx);
    expect_sums(g.dbias, data.dbias(weights_), "dbias", kFp32Tolerance);
    EXPECT_EQ(bits(g.dx), bits(plain.dx));
    if (backend == LayerBackend::own || !on_cuda() || simulated()) {
      EXPECT_EQ(bits(g.dweight), bits(plain.dweight));
    }
    row_weights.assign(weights_.size(), 1.0f);
    const LinearGradients ones = backward(data, 0.2f, backend, want_dx);
    if (backend == LayerBackend::own) {
      EXPECT_EQ(bits(ones.dbias), bits(plain.dbias));
    }
    expect_sums(ones.dbias, data.dbias(), "dbias of unit weights", kFp32Tolerance);
    release();
  }

  std::vector<float> weights_;
};
AGON_ON_EVERY_DEVICE(LinearRowWeight);

TEST_P(LinearRowWeight, WeighsTheBiasGradientAloneForNotableShapes) {
  std::mt19937 generator(1);
  std::vector<LayerBackend> all = backends();
  if (simulated()) all = {LayerBackend::own};
  for (const Precision p : kPrecisions)
    for (const LinearShape& s : kWeightedShapes) {
      SCOPED_TRACE(testing::Message()
                   << s.batch << " x " << s.in << " -> " << s.out << ", precision " << static_cast<int>(p));
      precision = p;
      const Oracle data(s, generator);
      weights_ = numbers(s.batch, generator);
      for (const LayerBackend backend : all) expect_weighted(data, backend, s.batch % 2 == 0);
    }
}

TEST_P(LinearRowWeight, EachWayWeighs) {
  std::mt19937 generator(2);
  for (const LinearShape& s : {LinearShape{130, 37, 67}, {200, 10, 40}, {150, 45, 1}, {260, 64, 32}})
    for (const Precision p : kPrecisions) {
      const Oracle data(s, generator);
      const auto weights = numbers(s.batch, generator);
      const auto x = input(data.x), dz = input(data.dz), shares = input(weights);
      const auto dweight = output<float>(data.weight.size()), dbias = output<float>(data.bias.size());
      kernels::LinearBackward op{.shape = s,
                                 .x = x.data(),
                                 .dz = dz.data(),
                                 .dweight = dweight.data(),
                                 .dbias = dbias.data(),
                                 .row_weight = shares.data(),
                                 .precision = p};
      for (const LayerChoice& algorithm : kernels::linear_choices(queue(), op)) {
        op.choice = algorithm;
        dbias.set(std::vector<float>(data.bias.size(), 7.0f));
        kernels::linear_backward(queue(), op);
        expect_sums(dbias.get(), data.dbias(weights), "dbias", kFp32Tolerance);
        const bool rounds_itself =
            algorithm.by != LayerBackend::own && p != Precision::fp32 && on_cuda() && !simulated();
        expect_sums(dweight.get(), data.rounded(p).dweight(), "dweight",
                    rounds_itself ? 1.6e-2 : kFp32Tolerance);
      }
      release();
    }
}

TEST_P(LinearRowWeight, SameBitsEveryTimeAndOnAnyThreads) {
  std::mt19937 generator(3);
  for (const LinearShape& s : kWeightedShapes) {
    const LinearData data(s, generator);
    row_weights = numbers(s.batch, generator);
    const auto first = bits(backward(data, 0.2f, LayerBackend::own, false, true, 1).dbias);
    for (const int threads : {2, 3, 8}) {
      const InAnotherOrder order(threads % 3);
      ASSERT_EQ(bits(backward(data, 0.2f, LayerBackend::own, false, true, on_cuda() ? 1 : threads).dbias),
                first);
    }
    release();
  }
}

class LinearRowWeightReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(LinearRowWeightReplicas);

TEST_P(LinearRowWeightReplicas, EachHasItsOwn) {
  std::mt19937 generator(4);
  for (const LinearShape& s : {LinearShape{700, 17, 18}, {20, 33, 24}, {9, 40, 3}, {7, 6, 50}}) {
    const auto padded = [](std::int64_t n) { return (n + 63) / 64 * 64; };
    const std::int64_t x = padded(s.batch * s.in), dz = padded(s.batch * s.out), dw = padded(s.in * s.out);
    const std::int64_t db = padded(s.out), stride = x + dz + dw + db + padded(s.batch);
    expect_replicas_as_alone(numbers(kReplicas * stride, generator), [&](QueueView view, float* at, int) {
      kernels::linear_backward(view, {.shape = s,
                                      .x = at,
                                      .dz = at + x,
                                      .dweight = at + x + dz,
                                      .dbias = at + x + dz + dw,
                                      .row_weight = at + x + dz + dw + db});
    });
  }
}

}  // namespace linear_row_weight_test
}  // namespace agon::test
