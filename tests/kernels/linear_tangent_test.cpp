// A layer's tangent against plain loops in double precision, by every algorithm a device lists for the layer.
#include "kernels/linear_algorithms.hpp"

#include <algorithm>

#include "tests/kernels/linear_tangent_oracle.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace linear_tangent_test {

using kernels::LayerBackend;
using kernels::LayerChoice;
using kernels::LinearShape;
using kernels::Precision;
using kernels::TileKind;

/// The article's first layer, one row or column, few inputs, few outputs, sums past the processor's panels,
/// more rows than it reads in place, sizes around a tile.
constexpr LinearShape kTangentShapes[] = {
    {64, 10, 512}, {40, 512, 40}, {128, 256, 1}, {1, 1, 1},      {1, 7, 1},    {7, 1, 1},     {1, 1, 700},
    {513, 33, 1},  {3, 1100, 40}, {9, 17, 17},   {1030, 37, 21}, {29, 64, 65}, {28, 65, 64},  {141, 48, 48},
    {70, 700, 17}, {33, 200, 12}, {600, 14, 70}, {33, 1030, 16}, {5, 13, 200}, {131, 20, 132}};

class LinearTangentTest : public TangentOnDevice {};
AGON_ON_EVERY_DEVICE(LinearTangentTest);

TEST_P(LinearTangentTest, EqualsPlainLoopsForNotableShapes) {
  std::mt19937 generator(1);
  constexpr float kSlopes[] = {0.2f, 1.0f, 0.0f};
  int turn = 0;
  for (const Precision p : kPrecisions) {
    precision = p;
    for (const LinearShape& s : kTangentShapes) {
      SCOPED_TRACE(testing::Message()
                   << s.batch << " x " << s.in << " -> " << s.out << ", precision " << static_cast<int>(p));
      compare_tangent(TangentOracle(s, generator), kSlopes[turn++ % 3], {.by = LayerBackend::own});
      release();
    }
  }
}

TEST_P(LinearTangentTest, EqualsPlainLoopsForRandomShapes) {
  std::mt19937 generator(2);
  std::uniform_int_distribution<std::int64_t> size(1, 70);
  for (int i = 0; i < 60; ++i) {
    precision = kPrecisions[i % 3];
    const LinearShape s{size(generator), size(generator), size(generator)};
    SCOPED_TRACE(testing::Message() << s.batch << " x " << s.in << " -> " << s.out);
    compare_tangent(TangentOracle(s, generator), 0.2f, {.by = LayerBackend::own});
    release();
  }
}

/// And an algorithm of cuDNN's, which has none.
TEST_P(LinearTangentTest, EachOfItsWaysGivesIt) {
  std::mt19937 generator(3);
  for (const LinearShape& s : {LinearShape{33, 150, 41}, {130, 40, 68}, {70, 10, 40}, {67, 45, 1}})
    for (const Precision p : kPrecisions) {
      precision = p;
      const TangentOracle data(s, generator);
      const auto x = input(data.x), weight = input(data.weight);
      const auto y = output<float>(data.dz.size());
      std::vector<LayerChoice> algorithms = kernels::linear_choices(
          queue(), kernels::LinearTangent{
                       .shape = s, .x = x.data(), .weight = weight.data(), .y = y.data(), .precision = p});
      EXPECT_EQ(algorithms.size() > 1,
                on_cuda() && (s.out > kernels::kThin || algorithms.back().by == LayerBackend::library));
      EXPECT_EQ(
          std::count_if(algorithms.begin(), algorithms.end(),
                        [](const LayerChoice& algorithm) { return algorithm.by == LayerBackend::fused; }),
          0);
      algorithms.push_back({.by = LayerBackend::fused, .algorithm = 1});
      for (const LayerChoice& algorithm : algorithms) {
        const bool rounds_itself =
            algorithm.by != LayerBackend::own && p != Precision::fp32 && !simulated() && on_cuda();
        compare_tangent(data, 0.2f, algorithm, rounds_itself ? 1.6e-2 : kFp32Tolerance);
      }
      release();
    }
}

/// Then nothing is written beside y, which has the bits that it has beside an update.
TEST_P(LinearTangentTest, WithoutRowWeightsTheActivationIsOnlyRead) {
  std::mt19937 generator(8);
  int turn = 0;
  for (const LinearShape& s : kTangentShapes) {
    SCOPED_TRACE(testing::Message() << s.batch << " x " << s.in << " -> " << s.out);
    precision = kPrecisions[turn++ % 3];
    const TangentOracle data(s, generator);
    for (const LayerBackend by : backends()) {
      weighted = true;
      const std::vector<float> beside = tangent(data, 0.2f, {.by = by}).y;
      weighted = false;
      EXPECT_EQ(bits(tangent(data, 0.2f, {.by = by}).y), bits(beside));
    }
    compare_tangent(data, 0.0f, {.by = LayerBackend::own});
    release();
  }
}

TEST_P(LinearTangentTest, ATileThatIsAskedForIsTaken) {
  if (!on_cuda()) GTEST_SKIP() << "tiles are CUDA's";
  std::mt19937 generator(4);
  const TangentOracle data({64, 300, 64}, generator);
  const auto y_by = [&](TileKind tile) { return bits(tangent(data, 0.2f, {LayerBackend::own, tile, 1}).y); };
  EXPECT_NE(y_by(TileKind::small), y_by(TileKind::large));  // small ones cut the sum between warps
}

TEST_P(LinearTangentTest, SameBitsEveryTimeAndOnAnyThreads) {
  std::mt19937 generator(5);
  for (const LinearShape& s : kTangentShapes) {
    const TangentOracle data(s, generator);
    const Tangent first = tangent(data, 0.2f, {}, 1);
    for (const int threads : {2, 3, 8}) {
      const InAnotherOrder order(threads % 3);
      const Tangent again = tangent(data, 0.2f, {}, on_cuda() ? 1 : threads);
      ASSERT_EQ(bits(again.y), bits(first.y));
      ASSERT_EQ(bits(again.activation), bits(first.activation));
    }
    release();
  }
}

/// Along x, what moves the layer's output when its input moves: its own differences, in double.
TEST_P(LinearTangentTest, IsTheOutputsDerivativeAlongX) {
  std::mt19937 generator(6);
  const LinearShape s{6, 19, 23};
  TangentOracle data(s, generator);
  const std::vector<float> at = numbers(s.batch * s.in, generator);
  const auto output_at = [&](double h, std::int64_t b, std::int64_t o) {
    double z = data.bias[o];
    for (std::int64_t i = 0; i < s.in; ++i)
      z += (at[b * s.in + i] + h * data.at_x(b, i)) * data.at_weight(o, i);
    return z > 0 ? z : 0.25 * z;
  };
  std::vector<double> expected;
  for (std::int64_t b = 0; b < s.batch; ++b)
    for (std::int64_t o = 0; o < s.out; ++o) {
      data.activation[b * s.out + o] = static_cast<float>(output_at(0, b, o));
      expected.push_back((output_at(1e-7, b, o) - output_at(-1e-7, b, o)) / 2e-7);
    }
  expect_near(tangent(data, 0.25f, {}).y, expected, 2e-5, 1e-5);
}

class LinearTangentReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(LinearTangentReplicas);

TEST_P(LinearTangentReplicas, EachIsItsOwn) {
  std::mt19937 generator(7);
  for (const LinearShape& s : {LinearShape{20, 33, 24}, {9, 40, 3}, {7, 6, 50}}) {
    const auto padded = [](std::int64_t n) { return (n + 63) / 64 * 64; };
    const std::int64_t x = padded(s.batch * s.in), w = padded(s.in * s.out), a = padded(s.batch * s.out);
    const std::int64_t stride = x + w + 2 * a + padded(s.batch);
    expect_replicas_as_alone(numbers(kReplicas * stride, generator), [&](QueueView view, float* at, int) {
      kernels::linear_tangent(view, {.shape = s,
                                     .x = at,
                                     .weight = at + x,
                                     .activation = at + x + w,
                                     .row_weight = at + x + w + 2 * a,
                                     .y = at + x + w + a,
                                     .slope = 0.2f});
    });
  }
}

}  // namespace linear_tangent_test
}  // namespace agon::test
