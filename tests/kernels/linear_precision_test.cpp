// The linear layer in each precision: against plain loops in double precision over factors rounded by an
// oracle, where nothing but fp32's summation is left of the error; and against the unrounded products, for
// the error that a precision costs.
#include <algorithm>
#include <cstdio>
#include <limits>

#include "tests/kernels/linear_oracle.hpp"

namespace agon::test {
namespace linear_precision_test {

using kernels::LayerBackend;
using kernels::LinearShape;
using kernels::Precision;

constexpr Precision kRounding[] = {Precision::tf32, Precision::bf16};
constexpr Precision kAll[] = {Precision::fp32, Precision::tf32, Precision::bf16};
const char* name_of(Precision p) {
  return p == Precision::fp32 ? "fp32" : p == Precision::tf32 ? "tf32" : "bf16";
}

/// Layers of the article, the least that are not thin, sums past the processor's panels, more rows than it
/// reads in place, one row, and few outputs of many inputs.
const std::vector<LinearShape>& wide_shapes() {
  static const std::vector<LinearShape> shapes = {
      {64, 100, 128}, {9, 17, 17},    {1, 33, 31},   {13, 31, 33},  {29, 64, 65},
      {3, 1100, 40},  {1030, 37, 21}, {600, 18, 70}, {70, 700, 17}, {150, 65, 130}};
  return shapes;
}

/// How far results are from exact ones: each against its terms' sizes, and all against their norm.
class Errors {
 public:
  void add(const std::vector<float>& actual, const std::vector<Sum>& exact) {
    ASSERT_EQ(actual.size(), exact.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const double error = std::abs(actual[i] - exact[i].value);
      if (exact[i].size > 0) worst_ = std::max(worst_, error / exact[i].size);
      squares_ += error * error;
      norm_ += exact[i].value * exact[i].value;
    }
  }
  double worst() const { return worst_; }
  double rms() const { return std::sqrt(squares_ / norm_); }

 private:
  double worst_ = 0, squares_ = 0, norm_ = 0;
};

class LinearPrecision : public LinearOnDevice {
 protected:
  void compare(const Oracle& data, LayerBackend backend) {
    SCOPED_TRACE(::testing::Message() << data.shape.batch << " x " << data.shape.in << " -> "
                                      << data.shape.out << ", " << name_of(precision));
    const Oracle factors = data.rounded(precision);
    expect_sums(forward(data, 0.2f, backend), factors.y(0.2f), "y", kFp32Tolerance);
    const LinearGradients g = backward(data, 0.2f, backend);
    expect_sums(g.dx, factors.dx(0.2f), "dx", kFp32Tolerance);
    expect_sums(g.dweight, factors.dweight(), "dweight", kFp32Tolerance);
    expect_sums(g.dbias, data.dbias(), "dbias", kFp32Tolerance);
    release();
  }

  /// Every result's bits.
  std::vector<std::uint32_t> results(const LinearData& data, Precision p, LayerBackend backend, int threads) {
    precision = p;
    std::vector<float> all = forward(data, 0.2f, backend, threads);
    const LinearGradients g = backward(data, 0.2f, backend, true, true, threads);
    for (const auto* values : {&g.dx, &g.dweight, &g.dbias})
      all.insert(all.end(), values->begin(), values->end());
    release();
    return bits(all);
  }
};
AGON_ON_EVERY_DEVICE(LinearPrecision);

TEST_P(LinearPrecision, OnlyFactorsAreRoundedForNotableShapes) {
  std::mt19937 generator(11);
  for (const Precision p : kRounding) {
    precision = p;
    for (const LinearShape& shape : wide_shapes()) compare(Oracle(shape, generator), LayerBackend::own);
  }
}

TEST_P(LinearPrecision, OnlyFactorsAreRoundedForRandomShapes) {
  std::mt19937 generator(17);
  std::uniform_int_distribution<std::int64_t> size(17, 90);
  for (int i = 0; i < 20; ++i) {
    precision = kRounding[i % 2];
    const LinearShape shape{size(generator), size(generator), size(generator)};
    compare(Oracle(shape, generator), LayerBackend::own);
  }
}

/// What a layer whose weights are the unit matrix gives is its input, rounded, to the bit: on a GPU this
/// holds the instruction that rounds against the formula.
TEST_P(LinearPrecision, RoundsToTheBit) {
  constexpr std::int64_t kSize = 40, kRows = 64;
  std::mt19937 generator(12);
  LinearData data({kRows, kSize, kSize}, generator);
  const float edges[] = {1 + 0x1p-11f,    -1 - 0x1p-11f, 1 + 3 * 0x1p-11f, 1 + 0x1p-8f,   -1 - 0x1p-8f,
                         1 + 3 * 0x1p-8f, 2 - 0x1p-9f,   0x1.ffcp126f,     -0x1.fep126f,  0x1p-126f,
                         0x1.01p-126f,    -0x1.ffep-2f,  3 * 0x1p-127f,    -1 + 0x1p-12f, 1 + 0x1.0002p-8f};
  for (float& value : data.x) {
    const auto exponent = static_cast<int>(generator() % 200) - 100;
    value = std::ldexp(static_cast<float>(generator() % (1u << 24)) - 0x1p23f, exponent - 23);
  }
  std::copy(std::begin(edges), std::end(edges), data.x.begin());
  std::fill(data.weight.begin(), data.weight.end(), 0.0f);
  for (std::int64_t i = 0; i < kSize; ++i) data.weight[i * kSize + i] = 1.0f;
  std::fill(data.bias.begin(), data.bias.end(), 0.0f);
  for (const Precision p : kAll) {
    precision = p;
    EXPECT_EQ(forward(data, 1.0f, LayerBackend::own), nearest(data.x, p));
  }
}

TEST_P(LinearPrecision, NumbersThatAreNoneStayNone) {
  std::mt19937 generator(13);
  LinearData data({5, 20, 18}, generator);
  data.x[7] = std::numeric_limits<float>::quiet_NaN();
  data.x[20 + 3] = std::numeric_limits<float>::infinity();
  std::fill(data.weight.begin(), data.weight.end(), 1.0f);
  for (const Precision p : kRounding) {
    precision = p;
    const std::vector<float> y = forward(data, 1.0f, LayerBackend::own);
    for (std::int64_t o = 0; o < 18; ++o) {
      EXPECT_TRUE(std::isnan(y[o])) << name_of(p);
      EXPECT_EQ(y[18 + o], std::numeric_limits<float>::infinity()) << name_of(p);
      EXPECT_TRUE(std::isfinite(y[36 + o])) << name_of(p);
    }
  }
}

/// The tables' columns and the logits.
TEST_P(LinearPrecision, ThinLayersAreFp32) {
  std::mt19937 generator(14);
  for (const LinearShape& shape : {LinearShape{64, 16, 96}, {33, 200, 16}, {64, 10, 70}, {128, 130, 1}}) {
    const LinearData data(shape, generator);
    const auto expected = results(data, Precision::fp32, LayerBackend::own, 1);
    for (const Precision p : kRounding) EXPECT_EQ(results(data, p, LayerBackend::own, 1), expected);
  }
}

TEST_P(LinearPrecision, SameBitsEveryTimeAndOnAnyThreads) {
  std::mt19937 generator(15);
  for (const LinearShape& shape : wide_shapes()) {
    const LinearData data(shape, generator);
    for (const Precision p : kRounding) {
      const auto first = results(data, p, LayerBackend::own, 1);
      const InAnotherOrder order(1);
      EXPECT_EQ(results(data, p, LayerBackend::own, on_cuda() ? 1 : 3), first) << name_of(p);
    }
  }
}

/// Against products that nobody rounded, on every backend. cuBLASLt may round less, or cut off. The bound is
/// of two factors' rounding and of fp32's sums.
TEST_P(LinearPrecision, ErrorForNotableShapes) {
  for (const Precision p : kAll) {
    for (const LayerBackend backend : backends()) {
      std::mt19937 generator(16);
      precision = p;
      Errors y, dx, dweight;
      for (const LinearShape& shape : wide_shapes()) {
        const Oracle data(shape, generator);
        y.add(forward(data, 1.0f, backend), data.y(1.0f));
        const LinearGradients g = backward(data, 1.0f, backend);
        dx.add(g.dx, data.dx(1.0f));
        dweight.add(g.dweight, data.dweight());
        release();
      }
      const bool cut_off = on_cuda() && !simulated() && backend != LayerBackend::own;
      const double bound = (cut_off ? 2.01 : 1) * product_error(p) + kFp32Tolerance;
      const double worst = std::max({y.worst(), dx.worst(), dweight.worst()});
      EXPECT_LE(worst, bound);
      std::printf(
          "%s, backend %d: worst %.1e of its terms' sizes (bound %.1e); rms of y %.1e, dx %.1e, dweight "
          "%.1e\n",
          name_of(p), static_cast<int>(backend), worst, bound, y.rms(), dx.rms(), dweight.rms());
    }
  }
}

}  // namespace linear_precision_test
}  // namespace agon::test
