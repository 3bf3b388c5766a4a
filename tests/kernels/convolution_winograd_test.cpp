// Convolutions that the processor does with fewer multiplications (kernels/cpu/convolution/winograd.hpp),
// against plain loops in double precision, and which ones those are.
#include "kernels/convolution.hpp"

#include <array>

#include "tests/kernels/convolution_oracle.hpp"

namespace agon::test {
namespace convolution_winograd_test {

using kernels::ConvolutionShape;
using kernels::ImageShape;
using kernels::Precision;

ConvolutionShape dcgan_shape(std::int64_t batch, const ImageShape& fine, std::int64_t coarse_channels) {
  return {.batch = batch,
          .fine = fine,
          .coarse_channels = coarse_channels,
          .kernel = 4,
          .stride = 2,
          .padding = 1};
}

/// Lines of 3 n, 3 n + 1 and 3 n + 2 pixels, odd ones, with and without zeroes at either end; channels around
/// vectors and panels, and more than a part of a sum has; one image; kernels of 2 and 6, too.
std::vector<ConvolutionShape> shapes() {
  std::vector<ConvolutionShape> all = {dcgan_shape(6, {14, 14, 20}, 18), dcgan_shape(17, {8, 8, 16}, 33),
                                       dcgan_shape(1, {30, 36, 17}, 16), dcgan_shape(7, {15, 13, 16}, 20),
                                       dcgan_shape(3, {12, 34, 18}, 16), dcgan_shape(90, {4, 6, 16}, 16)};
  for (const std::int64_t padding : {0, 2, 3}) {
    all.push_back(dcgan_shape(7, {14, 16, 16}, 16));
    all.back().padding = padding;
  }
  all.push_back({.batch = 16, .fine = {5, 5, 258}, .coarse_channels = 17, .kernel = 2});
  all.push_back({.batch = 6, .fine = {6, 7, 16}, .coarse_channels = 270, .kernel = 2, .padding = 1});
  all.push_back(
      {.batch = 9, .fine = {16, 19, 16}, .coarse_channels = 16, .kernel = 6, .stride = 3, .padding = 2});
  return all;
}

class ConvolutionWinograd : public ConvolutionOnDevice {
 protected:
  void SetUp() override {
    ConvolutionOnDevice::SetUp();
    if (!IsSkipped() && on_cuda()) GTEST_SKIP() << "the processor's way";
  }

  /// Images of zeroes but for one number at pixel (near, near) and `far_value` at (far, far).
  static std::vector<float> two_pixels(std::int64_t batch, const ImageShape& s, std::int64_t near,
                                       std::int64_t far, float far_value) {
    std::vector<float> images(static_cast<std::size_t>(batch * s.size()));
    images[static_cast<std::size_t>((far * s.width + far) * s.channels)] = far_value;
    images[static_cast<std::size_t>((near * s.width + near) * s.channels)] = 0.7f;
    return images;
  }
  static std::vector<std::uint32_t> bits_at(const std::vector<float>& images, const ImageShape& s,
                                            std::int64_t at) {
    const auto first = images.begin() + (at * s.width + at) * s.channels;
    return bits(std::vector<float>(first, first + s.channels));
  }

  /// Down to a coarse pixel, up to a fine one, and a weight's gradient: each result sees the near pixel and
  /// not the far one, but a fast way adds both up. The results' bits.
  std::array<std::vector<std::uint32_t>, 3> beside(ConvolutionData data, float far_value) {
    const ConvolutionShape& s = data.shape;
    const ImageShape coarse = s.coarse();
    std::fill(data.bias.begin(), data.bias.end(), 0.0f);
    auto& fine_images = s.transposed ? data.dz : data.x;
    auto& coarse_images = s.transposed ? data.x : data.dz;
    fine_images = two_pixels(s.batch, s.fine, 5, 9, far_value);  // coarse pixel 3 sees fine ones up to 8
    coarse_images = two_pixels(s.batch, coarse, 3, 3, 0.0f);
    const ConvolutionGradients g = backward(data, 1.0f);
    const std::vector<float> down = s.transposed ? g.dx : forward(data, 1.0f);
    coarse_images = two_pixels(s.batch, coarse, 2, 4, far_value);  // fine pixel 6 sees coarse 2 and 3
    const std::vector<float> up = s.transposed ? forward(data, 1.0f) : backward(data, 1.0f).dx;
    release();
    return {bits_at(down, coarse, 3), bits_at(up, s.fine, 6), bits(g.dweight)};
  }

  /// How many of the three ways are fast.
  int fast_ways(const ConvolutionShape& shape) {
    std::mt19937 generator(3);
    const ConvolutionData data(shape, generator);
    const auto alone = beside(data, 0.0f), together = beside(data, 1e6f);
    int count = 0;
    for (std::size_t i = 0; i < alone.size(); ++i) count += alone[i] != together[i] ? 1 : 0;
    return count;
  }
};
AGON_ON_EVERY_DEVICE(ConvolutionWinograd);

TEST_P(ConvolutionWinograd, EqualsPlainLoops) {
  std::mt19937 generator(1);
  constexpr std::array slopes = {0.2f, 1.0f, 0.0f};
  int i = 0;
  for (const ConvolutionShape& shape : shapes()) {
    weighted = ++i % 2 == 0;
    accumulate = i % 4 < 2;
    both_ways(shape, generator, [&](const ConvolutionData& data) { compare(data, slopes[i % 3]); });
  }
}

TEST_P(ConvolutionWinograd, SameBitsOnAnyNumberOfThreads) {
  std::mt19937 generator(2);
  for (const ConvolutionShape& shape : {dcgan_shape(6, {14, 14, 130}, 150), dcgan_shape(17, {8, 8, 70}, 300)})
    both_ways(shape, generator, [&](const ConvolutionData& data) {
      threads = 1;
      const auto y = bits(forward(data, 0.2f));
      const ConvolutionGradients g = backward(data, 0.2f);
      for (const int other : {2, 3, 8, 64}) {
        threads = other;
        const InAnotherOrder order(other);
        ASSERT_EQ(bits(forward(data, 0.2f)), y);
        const ConvolutionGradients g2 = backward(data, 0.2f);
        ASSERT_EQ(bits(g2.dx), bits(g.dx));
        ASSERT_EQ(bits(g2.dweight), bits(g.dweight));
      }
      threads = 0;
    });
}

/// More weights than are packed at a time: each output channel's bits are those of a convolution with fewer.
TEST_P(ConvolutionWinograd, OfManyWeightsAreInPieces) {
  std::mt19937 generator(4);
  const ConvolutionData all(dcgan_shape(16, {8, 8, 260}, 520), generator);
  ConvolutionShape shape = all.shape;
  shape.coarse_channels = 40;
  ConvolutionData last(shape, generator);
  last.x = all.x;
  last.weight.assign(all.weight.end() - shape.weights(), all.weight.end());
  last.bias.assign(all.bias.end() - 40, all.bias.end());
  const std::vector<float> y = forward(all, 0.2f), few = forward(last, 0.2f);
  for (std::size_t pixel = 0; pixel < few.size() / 40; ++pixel)
    for (std::size_t k = 0; k < 40; ++k) ASSERT_EQ(y[pixel * 520 + 480 + k], few[pixel * 40 + k]);
}

TEST_P(ConvolutionWinograd, IsTakenForManyChannelsAndPixelsAlone) {
  for (const bool transposed : {false, true}) {
    ConvolutionShape shape = dcgan_shape(6, {16, 16, 32}, 32);
    shape.transposed = transposed;
    EXPECT_EQ(fast_ways(shape), 3);
    std::vector<ConvolutionShape> direct(4, shape);
    direct[0].batch = 3, direct[1].fine.channels = 15, direct[2].groups = 2, direct[3].kernel = 3;
    for (const ConvolutionShape& other : direct) {
      SCOPED_TRACE(text_of(other));
      EXPECT_EQ(fast_ways(other), 0);
    }
    precision = Precision::bf16;
    EXPECT_EQ(fast_ways(shape), 0);
    precision = Precision::fp32;
  }
}

}  // namespace convolution_winograd_test
}  // namespace agon::test
