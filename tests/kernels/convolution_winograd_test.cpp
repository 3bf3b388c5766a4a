// Convolutions that the processor does with fewer multiplications (kernels/cpu/convolution/winograd.hpp),
// against plain loops in double precision, and which ones those are.
#include "kernels/convolution.hpp"

#include <algorithm>
#include <array>
#include <cmath>

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
/// vectors and panels; one image; a kernel of 2, too. Every other one transposed, as ways up and down are
/// part of both.
std::vector<ConvolutionShape> shapes() {
  std::vector<ConvolutionShape> all = {dcgan_shape(6, {14, 14, 16}, 20), dcgan_shape(6, {14, 14, 20}, 16),
                                       dcgan_shape(17, {8, 8, 16}, 33),  dcgan_shape(1, {30, 36, 17}, 16),
                                       dcgan_shape(7, {15, 13, 16}, 17), dcgan_shape(45, {4, 6, 18}, 16),
                                       dcgan_shape(3, {12, 34, 16}, 16)};
  for (const std::int64_t padding : {0, 3}) {
    all.push_back(dcgan_shape(2, {16, 18, 16}, 16));
    all.back().padding = padding;
  }
  all.push_back({.batch = 6, .fine = {6, 7, 16}, .coarse_channels = 40, .kernel = 2, .padding = 1});
  for (std::size_t i = 1; i < all.size(); i += 2) all[i].transposed = true;
  return all;
}

class ConvolutionWinograd : public ConvolutionOnDevice {
 protected:
  void SetUp() override {
    ConvolutionOnDevice::SetUp();
    if (!IsSkipped() && on_cuda()) GTEST_SKIP() << "the processor's way";
  }

  /// As near as sums of thousands of products are to each other.
  static void expect_close(const std::vector<float>& some, const std::vector<float>& others) {
    float greatest = 0;
    for (const float value : others) greatest = std::max(greatest, std::abs(value));
    for (std::size_t i = 0; i < some.size(); ++i)
      ASSERT_NEAR(some[i], others[i], 3e-6f * greatest) << "element " << i;
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
    SCOPED_TRACE(text_of(shape));
    compare(ConvolutionData(shape, generator), slopes[i % 3]);
    release();
  }
}

TEST_P(ConvolutionWinograd, SameBitsOnAnyNumberOfThreads) {
  std::mt19937 generator(2);
  for (const ConvolutionShape& shape : {dcgan_shape(3, {14, 14, 130}, 150), dcgan_shape(5, {8, 8, 70}, 300)})
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

TEST_P(ConvolutionWinograd, AnImagesBitsAreItsOwn) {
  std::mt19937 generator(5);
  both_ways(dcgan_shape(5, {14, 10, 20}, 40), generator, [&](const ConvolutionData& all) {
    const auto y = bits(forward(all, 0.2f)), dx = bits(backward(all, 0.2f, true, false).dx);
    ConvolutionData last = all;
    last.shape.batch = 1;
    const auto take = [&](std::vector<float>& images) {
      images.erase(images.begin(), images.end() - images.size() / 5);
    };
    take(last.x), take(last.dz);
    const auto same = [](const auto& few, const auto& of) {
      return std::equal(few.rbegin(), few.rend(), of.rbegin());
    };
    EXPECT_TRUE(same(bits(forward(last, 0.2f)), y));
    EXPECT_TRUE(same(bits(backward(last, 0.2f, true, false).dx), dx));
  });
}

/// More weights than are packed at a time, and sums in parts. In bf16 the direct way is taken, which does not
/// round what is rounded.
TEST_P(ConvolutionWinograd, OfManyChannelsEqualsTheDirectWay) {
  std::mt19937 generator(4);
  weighted = false;
  both_ways(dcgan_shape(2, {8, 8, 260}, 520), generator, [&](const ConvolutionData& data) {
    const ConvolutionData rounded = data.rounded(Precision::bf16);
    const std::vector<float> y = forward(rounded, 0.2f);
    const ConvolutionGradients g = backward(rounded, 0.2f);
    precision = Precision::bf16;
    expect_close(forward(rounded, 0.2f), y);
    const ConvolutionGradients direct = backward(rounded, 0.2f);
    expect_close(direct.dx, g.dx);
    expect_close(direct.dweight, g.dweight);
    precision = Precision::fp32;
  });
}

TEST_P(ConvolutionWinograd, IsTakenForManyChannelsOfKernelsTwiceTheirStrideAlone) {
  for (const bool transposed : {false, true}) {
    ConvolutionShape shape = dcgan_shape(1, {16, 16, 32}, 32);
    shape.transposed = transposed;
    EXPECT_EQ(fast_ways(shape), 3);
    std::vector<ConvolutionShape> direct(4, shape);
    direct[0].fine.channels = 15, direct[1].coarse_channels = 15, direct[2].groups = 2, direct[3].kernel = 3;
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
