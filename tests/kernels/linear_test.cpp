// The linear layer against plain loops in double precision, on every route.
#include "kernels/linear.hpp"

#include <cmath>

#include "tests/kernels/linear_fixture.hpp"

namespace agon::test {
namespace {

using kernels::LinearRoute;
using kernels::LinearShape;

// An element's error is held against the sum of its terms' sizes. Measured: 4e-7 at the most; one ulp
// is 1.2e-7.
constexpr double kTolerance = 2e-6;

/// The article's layers, one row or column, depths and batches past the processor's blocks, and sizes around
/// a tile.
const std::vector<LinearShape>& notable_shapes() {
  static const std::vector<LinearShape> shapes = {
      {64, 100, 128},   {64, 128, 256}, {64, 256, 512}, {64, 512, 10},  {64, 10, 512},  {128, 512, 256},
      {128, 256, 1},    {1, 1, 1},      {1, 7, 1},      {7, 1, 1},      {1, 1, 700},    {700, 1, 1},
      {1, 2000, 1},     {513, 33, 1},   {1030, 37, 21}, {1100, 16, 96}, {3, 1100, 300}, {1537, 40, 9},
      {13, 31, 33},     {14, 32, 32},   {15, 33, 31},   {29, 64, 65},   {28, 65, 64},   {141, 48, 48},
      {1001, 130, 130}, {5, 13, 200},   {600, 14, 70},  {33, 200, 12},
  };
  return shapes;
}

LinearShape random_shape(std::mt19937& generator) {
  std::uniform_int_distribution<std::int64_t> size(1, 70);
  return {size(generator), size(generator), size(generator)};
}

/// A sum of products and the sum of their sizes.
struct Sum {
  double value = 0, size = 0;
  void add(double term) {
    value += term;
    size += std::abs(term);
  }
};

void expect_sums(const std::vector<float>& actual, const std::vector<Sum>& expected, const char* what) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double error = std::abs(actual[i] - expected[i].value);
    ASSERT_LE(error, kTolerance * expected[i].size) << what << ", element " << i;  // fails on NaN
  }
}

class Oracle : public LinearData {
 public:
  using LinearData::LinearData;

  double at_x(std::int64_t b, std::int64_t i) const { return x[b * shape.in + i]; }
  double at_weight(std::int64_t o, std::int64_t i) const { return weight[o * shape.in + i]; }
  double at_dz(std::int64_t b, std::int64_t o) const { return dz[b * shape.out + o]; }

  std::vector<Sum> y(double slope) const {
    std::vector<Sum> sums;
    for (std::int64_t b = 0; b < shape.batch; ++b) {
      for (std::int64_t o = 0; o < shape.out; ++o) {
        Sum z;
        z.add(bias[o]);
        for (std::int64_t i = 0; i < shape.in; ++i) z.add(at_x(b, i) * at_weight(o, i));
        if (z.value <= 0) z.value *= slope;
        sums.push_back(z);
      }
    }
    return sums;
  }
  std::vector<Sum> dx(double slope) const {
    std::vector<Sum> sums;
    for (std::int64_t b = 0; b < shape.batch; ++b) {
      for (std::int64_t i = 0; i < shape.in; ++i) {
        Sum sum;
        for (std::int64_t o = 0; o < shape.out; ++o) sum.add(at_dz(b, o) * at_weight(o, i));
        if (at_x(b, i) <= 0) sum.value *= slope;
        sums.push_back(sum);
      }
    }
    return sums;
  }
  std::vector<Sum> dweight() const {
    std::vector<Sum> sums;
    for (std::int64_t o = 0; o < shape.out; ++o) {
      for (std::int64_t i = 0; i < shape.in; ++i) {
        Sum sum;
        for (std::int64_t b = 0; b < shape.batch; ++b) sum.add(at_dz(b, o) * at_x(b, i));
        sums.push_back(sum);
      }
    }
    return sums;
  }
  std::vector<Sum> dbias() const {
    std::vector<Sum> sums(static_cast<std::size_t>(shape.out));
    for (std::int64_t b = 0; b < shape.batch; ++b) {
      for (std::int64_t o = 0; o < shape.out; ++o) sums[o].add(at_dz(b, o));
    }
    return sums;
  }
};

class Linear : public LinearOnDevice {
 protected:
  void compare(const Oracle& data, float slope, LinearRoute route) {
    const LinearShape& s = data.shape;
    SCOPED_TRACE(::testing::Message() << s.batch << " x " << s.in << " -> " << s.out << ", slope " << slope
                                      << ", route " << static_cast<int>(route));
    expect_sums(forward(data, slope, route), data.y(slope), "y");
    const auto dx = data.dx(slope), dweight = data.dweight(), dbias = data.dbias();
    for (const auto& [want_dx, want_dweight] :
         {std::pair(true, true), std::pair(true, false), std::pair(false, true)}) {
      const LinearGradients g = backward(data, slope, route, want_dx, want_dweight);
      if (want_dx) expect_sums(g.dx, dx, "dx");
      if (want_dweight) expect_sums(g.dweight, dweight, "dweight");
      if (want_dweight) expect_sums(g.dbias, dbias, "dbias");
    }
    release();
  }
};
AGON_ON_EVERY_DEVICE(Linear);

TEST_P(Linear, EqualsPlainLoopsForNotableShapes) {
  std::mt19937 generator(1);
  for (const LinearShape& shape : notable_shapes()) {
    const Oracle data(shape, generator);
    for (const LinearRoute route : kRoutes) compare(data, 0.2f, route);
  }
}

TEST_P(Linear, EqualsPlainLoopsForRandomShapes) {
  std::mt19937 generator(2);
  constexpr std::array slopes = {0.2f, 1.0f, 0.0f};
  for (int i = 0; i < 90; ++i) {
    compare(Oracle(random_shape(generator), generator), slopes[i % 3], kRoutes[i / 3 % 3]);
  }
}

TEST_P(Linear, SameBitsEveryTime) {
  std::mt19937 generator(3);
  for (const LinearShape& shape : notable_shapes()) {
    const LinearData data(shape, generator);
    const auto y = forward(data, 0.2f, LinearRoute::automatic);
    const LinearGradients g = backward(data, 0.2f, LinearRoute::automatic);
    for (int run = 0; run < 3; ++run) {
      const LinearGradients again = backward(data, 0.2f, LinearRoute::automatic);
      ASSERT_EQ(bits(forward(data, 0.2f, LinearRoute::automatic)), bits(y));
      ASSERT_EQ(bits(again.dx), bits(g.dx));
      ASSERT_EQ(bits(again.dweight), bits(g.dweight));
      ASSERT_EQ(bits(again.dbias), bits(g.dbias));
    }
    release();
  }
}

/// So 1000 records drawn at once, or in any batches, are the same records.
TEST_P(Linear, ARowsBitsDependOnNoOtherRow) {
  if (on_cuda()) GTEST_SKIP() << "a promise of the processor's operations only";
  std::mt19937 generator(4);
  for (const LinearShape& shape : notable_shapes()) {
    LinearData data(shape, generator);
    const auto whole = bits(forward(data, 0.2f, LinearRoute::automatic));
    for (const std::int64_t row : {std::int64_t{0}, shape.batch / 2, shape.batch - 1}) {
      LinearData alone = data;
      alone.shape.batch = 1;
      alone.x.assign(data.x.begin() + row * shape.in, data.x.begin() + (row + 1) * shape.in);
      const auto y = bits(forward(alone, 0.2f, LinearRoute::automatic));
      const auto first = whole.begin() + row * shape.out;
      ASSERT_EQ(y, std::vector(first, first + shape.out));
    }
    release();
  }
}

TEST_P(Linear, OwnRoutesBitsDependOnNoThreadCount) {
  if (on_cuda()) GTEST_SKIP() << "threads are the processor's";
  std::mt19937 generator(5);
  for (const LinearShape& shape : notable_shapes()) {
    const LinearData data(shape, generator);
    const auto y = bits(forward(data, 0.2f, LinearRoute::own, 1));
    const LinearGradients g = backward(data, 0.2f, LinearRoute::own, true, true, 1);
    for (const int threads : {2, 3, 8}) {
      const LinearGradients other = backward(data, 0.2f, LinearRoute::own, true, true, threads);
      ASSERT_EQ(bits(forward(data, 0.2f, LinearRoute::own, threads)), y);
      ASSERT_EQ(bits(other.dx), bits(g.dx));
      ASSERT_EQ(bits(other.dweight), bits(g.dweight));
      ASSERT_EQ(bits(other.dbias), bits(g.dbias));
    }
    release();
  }
}

}  // namespace
}  // namespace agon::test
