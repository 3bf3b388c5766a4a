// 3 x 3 convolutions of stride 1, which the processor does without products of matrices
// (kernels/cpu/convolution/sliding.hpp), against plain loops in double precision.
#include "kernels/convolution.hpp"

#include <array>

#include "tests/kernels/convolution_oracle.hpp"

namespace agon::test {
namespace convolution_sliding_test {

using kernels::ConvolutionShape;
using kernels::ImageShape;

ConvolutionShape three_by_three(std::int64_t batch, const ImageShape& fine, std::int64_t coarse_channels,
                                std::int64_t groups, std::int64_t padding = 1) {
  return {.batch = batch,
          .fine = fine,
          .coarse_channels = coarse_channels,
          .kernel = 3,
          .padding = padding,
          .groups = groups};
}

/// Groups of a vector's channels, of half, of fewer, of more; lines of one tile and of several, even and not;
/// lines in pairs and one left; one line; images of 4 pixels and less; no zeroes around, and two lines of
/// them. Every other one transposed.
std::vector<ConvolutionShape> shapes() {
  std::vector<ConvolutionShape> all = {
      three_by_three(2, {9, 28, 32}, 32, 2),    three_by_three(3, {7, 7, 64}, 64, 4),
      three_by_three(2, {5, 15, 24}, 24, 3),    three_by_three(2, {6, 13, 16}, 16, 2),
      three_by_three(2, {1, 29, 10}, 15, 5),    three_by_three(3, {4, 4, 48}, 48, 3),
      three_by_three(2, {3, 3, 32}, 32, 2),     three_by_three(2, {8, 6, 34}, 18, 2),
      three_by_three(2, {7, 12, 18}, 34, 2),    three_by_three(2, {6, 9, 5}, 5, 5),
      three_by_three(1, {8, 10, 32}, 16, 2, 0), three_by_three(2, {5, 6, 16}, 32, 2, 2),
      three_by_three(2, {2, 17, 1}, 16, 1),     three_by_three(2, {9, 8, 16}, 3, 1)};
  for (std::size_t i = 1; i < all.size(); i += 2) all[i].transposed = true;
  return all;
}

class ConvolutionSliding : public ConvolutionOnDevice {
 protected:
  void SetUp() override {
    ConvolutionOnDevice::SetUp();
    if (!IsSkipped() && on_cuda()) GTEST_SKIP() << "the processor's way";
  }
};
AGON_ON_EVERY_DEVICE(ConvolutionSliding);

TEST_P(ConvolutionSliding, EqualsPlainLoops) {
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

/// More lines than are kept of an image, and more than a gradient's sums have in one piece.
TEST_P(ConvolutionSliding, GoesOnFromBandToBand) {
  std::mt19937 generator(2);
  ConvolutionShape shape = three_by_three(1, {37, 30, 64}, 64, 8);
  compare(ConvolutionData(shape, generator), 0.2f);
  release();
  shape = three_by_three(1, {37, 30, 12}, 64, 1);
  shape.transposed = true;
  compare(ConvolutionData(shape, generator), 0.2f);
}

TEST_P(ConvolutionSliding, SameBitsOnAnyNumberOfThreads) {
  std::mt19937 generator(3);
  for (const ConvolutionShape& shape : shapes()) {
    SCOPED_TRACE(text_of(shape));
    const ConvolutionData data(shape, generator);
    threads = 0;
    const auto y = bits(forward(data, 0.2f)), t = bits(tangent(data, 0.2f).y);
    const ConvolutionGradients g = backward(data, 0.2f);
    for (const int other : {1, 2, 3, 8}) {
      threads = other;
      const InAnotherOrder order(other);
      ASSERT_EQ(bits(forward(data, 0.2f)), y);
      ASSERT_EQ(bits(tangent(data, 0.2f).y), t);
      const ConvolutionGradients again = backward(data, 0.2f);
      ASSERT_EQ(bits(again.dx), bits(g.dx));
      ASSERT_EQ(bits(again.dweight), bits(g.dweight));
      ASSERT_EQ(bits(again.dbias), bits(g.dbias));
    }
    release();
  }
}

/// Alone, an image has the numbers that it has among others, and in another place.
TEST_P(ConvolutionSliding, AnImagesBitsAreItsOwn) {
  std::mt19937 generator(4);
  for (ConvolutionShape shape : shapes()) {
    SCOPED_TRACE(text_of(shape));
    shape.batch = 3;
    ConvolutionData data(shape, generator);
    const std::size_t of_image = data.x.size() / 3;
    const std::vector<float> last(data.x.end() - static_cast<std::ptrdiff_t>(of_image), data.x.end());
    const auto all = bits(forward(data, 0.2f));
    data.shape.batch = 1, data.x = last, data.dz.resize(data.dz.size() / 3);
    const auto alone = bits(forward(data, 0.2f));
    const std::vector<std::uint32_t> among(all.end() - static_cast<std::ptrdiff_t>(alone.size()), all.end());
    ASSERT_EQ(alone, among);
    release();
  }
}

}  // namespace convolution_sliding_test
}  // namespace agon::test
