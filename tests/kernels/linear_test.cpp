// The linear layer against plain loops in double precision, on every backend.
#include "kernels/linear.hpp"

#include "kernels/error.hpp"
#include "tests/kernels/linear_oracle.hpp"

namespace agon::test {
namespace linear_test {

using kernels::LayerBackend;
using kernels::LinearShape;

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

class Linear : public LinearOnDevice {
 protected:
  void compare(const Oracle& data, float slope, LayerBackend backend) {
    const LinearShape& s = data.shape;
    SCOPED_TRACE(::testing::Message() << s.batch << " x " << s.in << " -> " << s.out << ", slope " << slope
                                      << ", backend " << static_cast<int>(backend));
    expect_sums(forward(data, slope, backend), data.y(slope), "y", kFp32Tolerance);
    const auto dx = data.dx(slope), dweight = data.dweight(), dbias = data.dbias();
    for (const auto& [want_dx, want_dweight] :
         {std::pair(true, true), std::pair(true, false), std::pair(false, true)}) {
      const LinearGradients g = backward(data, slope, backend, want_dx, want_dweight);
      if (want_dx) expect_sums(g.dx, dx, "dx", kFp32Tolerance);
      if (want_dweight) expect_sums(g.dweight, dweight, "dweight", kFp32Tolerance);
      if (want_dweight) expect_sums(g.dbias, dbias, "dbias", kFp32Tolerance);
    }
    release();
  }
};
AGON_ON_EVERY_DEVICE(Linear);

TEST_P(Linear, EqualsPlainLoopsForNotableShapes) {
  std::mt19937 generator(1);
  for (const LinearShape& shape : notable_shapes()) {
    const Oracle data(shape, generator);
    for (const LayerBackend backend : backends()) compare(data, 0.2f, backend);
  }
}

TEST_P(Linear, EqualsPlainLoopsForRandomShapes) {
  std::mt19937 generator(2);
  constexpr std::array slopes = {0.2f, 1.0f, 0.0f};
  const std::vector<LayerBackend> all_backends = backends();
  for (int i = 0; i < 90; ++i) {
    compare(Oracle(random_shape(generator), generator), slopes[i % 3],
            all_backends[i / 3 % all_backends.size()]);
  }
}

TEST_P(Linear, SameBitsEveryTime) {
  std::mt19937 generator(3);
  for (const LinearShape& shape : notable_shapes()) {
    const LinearData data(shape, generator);
    const auto y = forward(data, 0.2f, LayerBackend::automatic);
    const LinearGradients g = backward(data, 0.2f, LayerBackend::automatic);
    for (int run = 0; run < 3; ++run) {
      const InAnotherOrder order(run);
      const LinearGradients again = backward(data, 0.2f, LayerBackend::automatic);
      ASSERT_EQ(bits(forward(data, 0.2f, LayerBackend::automatic)), bits(y));
      ASSERT_EQ(bits(again.dx), bits(g.dx));
      ASSERT_EQ(bits(again.dweight), bits(g.dweight));
      ASSERT_EQ(bits(again.dbias), bits(g.dbias));
    }
    release();
  }
}

TEST_P(Linear, MoreThanAKernelCountsIsRefused) {
  if (!on_cuda()) GTEST_SKIP() << "the processor counts in 64 bits";
  constexpr std::int64_t kMany = std::int64_t{1} << 31;
  const auto no_memory = output<float>(1);
  for (const LinearShape& shape :
       {LinearShape{kMany, 64, 64}, {64, kMany, 64}, {64, 64, kMany}, {kMany, 64, 1}, {kMany, 1, 64}}) {
    const kernels::LayerChoice own{.by = LayerBackend::own};
    EXPECT_THROW(kernels::linear_forward(queue(), {.shape = shape, .choice = own}), DeviceError);
    EXPECT_THROW(kernels::linear_backward(queue(), {.shape = shape, .dx = no_memory.data(), .choice = own}),
                 DeviceError);
  }
}

/// So 1000 records drawn at once, or in any batches, are the same records.
TEST_P(Linear, ARowsBitsDependOnNoOtherRow) {
  if (on_cuda()) GTEST_SKIP() << "a promise of the processor's operations only";
  std::mt19937 generator(4);
  for (const LinearShape& shape : notable_shapes()) {
    LinearData data(shape, generator);
    const auto whole = bits(forward(data, 0.2f, LayerBackend::automatic));
    for (const std::int64_t row : {std::int64_t{0}, shape.batch / 2, shape.batch - 1}) {
      LinearData alone = data;
      alone.shape.batch = 1;
      alone.x.assign(data.x.begin() + row * shape.in, data.x.begin() + (row + 1) * shape.in);
      const auto y = bits(forward(alone, 0.2f, LayerBackend::automatic));
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
    const auto y = bits(forward(data, 0.2f, LayerBackend::own, 1));
    const LinearGradients g = backward(data, 0.2f, LayerBackend::own, true, true, 1);
    for (const int threads : {2, 3, 8}) {
      const LinearGradients other = backward(data, 0.2f, LayerBackend::own, true, true, threads);
      ASSERT_EQ(bits(forward(data, 0.2f, LayerBackend::own, threads)), y);
      ASSERT_EQ(bits(other.dx), bits(g.dx));
      ASSERT_EQ(bits(other.dweight), bits(g.dweight));
      ASSERT_EQ(bits(other.dbias), bits(g.dbias));
    }
    release();
  }
}

}  // namespace linear_test
}  // namespace agon::test
