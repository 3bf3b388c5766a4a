// Convolutions against plain loops in double precision, on every backend.
#include "kernels/convolution.hpp"

#include "kernels/error.hpp"
#include "tests/kernels/convolution_oracle.hpp"

namespace agon::test {
namespace convolution_test {

using kernels::ConvolutionShape;
using kernels::Precision;

/// DCGAN's and R3GAN's layers in small, images that the kernel only just fits into, steps over pixels that
/// nobody sees, and sizes around tiles and vectors.
const std::vector<ConvolutionShape>& notable_shapes() {
  static const std::vector<ConvolutionShape> shapes = {
      {.batch = 3, .fine = {8, 8, 1}, .coarse_channels = 16, .kernel = 4, .stride = 2, .padding = 1},
      {.batch = 2, .fine = {8, 6, 16}, .coarse_channels = 32, .kernel = 4, .stride = 2, .padding = 1},
      {.batch = 5, .fine = {4, 4, 20}, .coarse_channels = 36, .kernel = 4},
      {.batch = 2, .fine = {7, 7, 8}, .coarse_channels = 12, .kernel = 3, .padding = 1},
      {.batch = 2, .fine = {5, 9, 3}, .coarse_channels = 7, .kernel = 3, .padding = 1},
      {.batch = 3, .fine = {6, 5, 24}, .coarse_channels = 40},
      {.batch = 2, .fine = {5, 5, 32}, .coarse_channels = 32, .kernel = 3, .padding = 1, .groups = 4},
      {.batch = 2, .fine = {4, 4, 12}, .coarse_channels = 18, .groups = 6},
      {.batch = 1, .fine = {9, 9, 4}, .coarse_channels = 5, .kernel = 3, .stride = 2},
      {.batch = 2, .fine = {10, 7, 5}, .coarse_channels = 3, .kernel = 2, .stride = 3},
      {.batch = 1, .fine = {1, 1, 1}, .coarse_channels = 1},
      {.batch = 4, .fine = {1, 1, 9}, .coarse_channels = 33, .kernel = 3, .padding = 1},
      {.batch = 2,
       .fine = {3, 8, 6},
       .coarse_channels = 10,
       .kernel = 5,
       .stride = 2,
       .padding = 2,
       .groups = 2},
      {.batch = 2, .fine = {6, 6, 130}, .coarse_channels = 66, .kernel = 3, .padding = 1},
      {.batch = 2, .fine = {4, 31, 16}, .coarse_channels = 40, .kernel = 3, .padding = 1, .groups = 2},
      {.batch = 1, .fine = {6, 17, 8}, .coarse_channels = 24, .kernel = 3},
      {.batch = 9, .fine = {12, 12, 2}, .coarse_channels = 9, .kernel = 7, .stride = 1, .padding = 3},
  };
  return shapes;
}

ConvolutionShape random_shape(std::mt19937& generator) {
  const auto from = [&](int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(generator);
  };
  ConvolutionShape shape;
  shape.batch = from(1, 4);
  shape.kernel = from(1, 5), shape.stride = from(1, 3), shape.groups = from(1, 3);
  shape.padding = from(0, static_cast<int>(shape.kernel) - 1);
  shape.fine = {from(static_cast<int>(shape.kernel), 11), from(static_cast<int>(shape.kernel), 11),
                shape.groups * from(1, 12)};
  shape.coarse_channels = shape.groups * from(1, 20);
  return shape;
}

class Convolution : public ConvolutionOnDevice {};
AGON_ON_EVERY_DEVICE(Convolution);

TEST_P(Convolution, EqualsPlainLoopsForNotableShapes) {
  std::mt19937 generator(1);
  for (const ConvolutionShape& shape : notable_shapes())
    both_ways(shape, generator, [&](const ConvolutionData& data) { compare(data, 0.2f); });
}

TEST_P(Convolution, EqualsPlainLoopsForRandomShapes) {
  std::mt19937 generator(2);
  constexpr std::array slopes = {0.2f, 1.0f, 0.0f};
  for (int i = 0; i < 30; ++i) {
    weighted = i % 2 == 0;
    accumulate = i % 4 < 2;
    both_ways(random_shape(generator), generator,
              [&](const ConvolutionData& data) { compare(data, slopes[i % 3]); });
  }
}

/// More lines than a thread holds of images at a time, read as they lie: on the processor alone.
TEST_P(Convolution, GoesOnFromBandToBand) {
  if (on_cuda()) GTEST_SKIP() << "on CUDA no image is cut into bands";
  std::mt19937 generator(8);
  for (const std::int64_t groups : {1, 2})
    both_ways({.batch = 1,
               .fine = {38, 30, 64},
               .coarse_channels = 17 * groups,
               .kernel = 3,
               .stride = 1,
               .padding = 1,
               .groups = groups},
              generator, [&](const ConvolutionData& data) { compare(data, 0.2f); });
}

/// More pixels than a block has, of patches that are short, long, and long in several groups.
TEST_P(Convolution, SumsAcrossBlocks) {
  std::mt19937 generator(3);
  for (const ConvolutionShape& shape :
       {ConvolutionShape{.batch = 7, .fine = {16, 16, 3}, .coarse_channels = 6, .kernel = 3, .padding = 1},
        ConvolutionShape{.batch = 2, .fine = {8, 9, 270}, .coarse_channels = 2, .kernel = 3, .padding = 1},
        ConvolutionShape{
            .batch = 2, .fine = {8, 9, 256}, .coarse_channels = 4, .kernel = 3, .padding = 1, .groups = 2}}) {
    both_ways(shape, generator, [&](const ConvolutionData& data) { compare(data, 0.2f); });
  }
}

TEST_P(Convolution, RoundsItsFactors) {
  std::mt19937 generator(4);
  const ConvolutionShape shape{
      .batch = 2, .fine = {6, 6, 32}, .coarse_channels = 24, .kernel = 3, .stride = 1, .padding = 1};
  for (const Precision rounding : {Precision::tf32, Precision::bf16}) {
    precision = rounding;
    both_ways(shape, generator, [&](const ConvolutionData& data) { compare(data, 0.2f); });
  }
}

TEST_P(Convolution, SameBitsEveryTimeAndOnAnyNumberOfThreads) {
  std::mt19937 generator(5);
  for (const ConvolutionShape& shape : notable_shapes())
    both_ways(shape, generator, [&](const ConvolutionData& data) {
      const auto y = bits(forward(data, 0.2f));
      const ConvolutionTangents t = tangent(data, 0.2f);
      const ConvolutionGradients g = backward(data, 0.2f);
      for (const int other : on_cuda() ? std::vector{1} : std::vector{1, 2, 8}) {
        if (!on_cuda()) threads = other;
        const InAnotherOrder order(other);
        ASSERT_EQ(bits(forward(data, 0.2f)), y);
        const ConvolutionTangents t2 = tangent(data, 0.2f);
        ASSERT_EQ(bits(t2.y), bits(t.y));
        ASSERT_EQ(bits(t2.activation), bits(t.activation));
        const ConvolutionGradients g2 = backward(data, 0.2f);
        ASSERT_EQ(bits(g2.dx), bits(g.dx));
        ASSERT_EQ(bits(g2.dweight), bits(g.dweight));
        ASSERT_EQ(bits(g2.dbias), bits(g.dbias));
      }
      threads = 0;
    });
}

/// A layer that is one product of matrices is the linear layer.
TEST_P(Convolution, OfOnePixelIsALinearLayer) {
  if (on_cuda()) GTEST_SKIP() << "a promise of the processor's operations only";
  std::mt19937 generator(6);
  const ConvolutionData data({.batch = 5, .fine = {1, 1, 40}, .coarse_channels = 70}, generator);
  const auto x = input(data.x), weight = input(data.weight), bias = input(data.bias);
  const auto y = output<float>(data.dz.size());
  kernels::linear_forward(queue(), {.shape = {5, 40, 70},
                                    .x = x.data(),
                                    .weight = weight.data(),
                                    .bias = bias.data(),
                                    .y = y.data(),
                                    .slope = 0.2f,
                                    .choice = {kernels::LayerBackend::own}});
  EXPECT_EQ(bits(forward(data, 0.2f)), bits(y.get()));
}

TEST_P(Convolution, APixelThatSeesTooMuchIsRefused) {
  const auto no_memory = output<float>(1);
  const ConvolutionShape shape{
      .batch = 1, .fine = {16, 16, 258}, .coarse_channels = 2, .kernel = 16, .groups = 2};
  EXPECT_THROW(kernels::convolution_forward(queue(), {.shape = shape}), DeviceError);
  EXPECT_THROW(kernels::convolution_tangent(queue(), {.shape = shape}), DeviceError);
  EXPECT_THROW(kernels::convolution_backward(queue(), {.shape = shape, .dx = no_memory.data()}), DeviceError);
}

/// The largest that is not. Packed weights of 63 channels and blocks are all that a workspace holds; more
/// weights are not packed ahead.
TEST_P(Convolution, OfTheLargestPatches) {
  if (on_cuda()) GTEST_SKIP() << "blocks are the processor's";
  std::mt19937 generator(8);
  for (const std::int64_t channels : {63, 66}) {
    compare(ConvolutionData({.batch = 1, .fine = {16, 16, 256}, .coarse_channels = channels, .kernel = 16},
                            generator),
            0.2f, 2 * kFp32Tolerance);
    release();
  }
}

TEST_P(Convolution, MoreThanAKernelCountsIsRefused) {
  if (!on_cuda()) GTEST_SKIP() << "the processor counts in 64 bits";
  const ConvolutionShape shape{.batch = std::int64_t{1} << 22, .fine = {32, 32, 64}, .coarse_channels = 64};
  const auto no_memory = output<float>(1);
  EXPECT_THROW(kernels::convolution_forward(queue(), {.shape = shape}), DeviceError);
  EXPECT_THROW(kernels::convolution_tangent(queue(), {.shape = shape}), DeviceError);
  EXPECT_THROW(kernels::convolution_backward(queue(), {.shape = shape, .dx = no_memory.data()}), DeviceError);
}

}  // namespace convolution_test
}  // namespace agon::test
