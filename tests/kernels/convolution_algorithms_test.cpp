// Every algorithm that a device lists for a convolution computes it; and an algorithm that is asked for is
// taken.
#include "kernels/convolution_algorithms.hpp"

#include <set>

#include "tests/kernels/convolution_oracle.hpp"

namespace agon::test {
namespace convolution_algorithms_test {

using kernels::ConvolutionBackward;
using kernels::ConvolutionForward;
using kernels::ConvolutionShape;
using kernels::ConvolutionTangent;
using kernels::LayerBackend;
using kernels::LayerChoice;
using kernels::Precision;
using kernels::TileKind;

/// Of the first, pixels are enough for two pieces of a sum; thin, and in groups.
constexpr ConvolutionShape kListedShapes[] = {
    {.batch = 3, .fine = {12, 10, 20}, .coarse_channels = 36, .kernel = 4, .stride = 2, .padding = 1},
    {.batch = 1, .fine = {7, 8, 3}, .coarse_channels = 18, .kernel = 3, .padding = 1},
    {.batch = 1, .fine = {7, 7, 32}, .coarse_channels = 64, .kernel = 3, .padding = 1, .groups = 2}};
constexpr float kSlope = 0.2f;

class ConvolutionAlgorithms : public ConvolutionOnDevice {
 protected:
  /// An operation to ask with: of its pointers nothing but the alignment counts.
  template <class Operation>
  Operation asking(const ConvolutionShape& shape) const {
    alignas(16) static float somewhere[4];
    Operation op{.shape = shape, .x = somewhere, .weight = somewhere};
    op.precision = precision;
    if constexpr (std::is_same_v<Operation, ConvolutionForward>) {
      op.bias = op.y = somewhere;
      op.slope = kSlope;
    } else if constexpr (std::is_same_v<Operation, ConvolutionTangent>) {
      op.activation = op.y = somewhere;
    } else {
      op.dz = somewhere;
      op.input_slope = kSlope;
    }
    return op;
  }
  ConvolutionBackward asking_for_weights(const ConvolutionShape& shape) const {
    alignas(16) static float somewhere[4];
    auto op = asking<ConvolutionBackward>(shape);
    op.dweight = somewhere;
    return op;
  }
  ConvolutionBackward asking_for_input(const ConvolutionShape& shape) const {
    alignas(16) static float somewhere[4];
    auto op = asking<ConvolutionBackward>(shape);
    op.dx = somewhere;
    return op;
  }
  std::set<LayerChoice> all_choices(const ConvolutionShape& shape) const {
    std::set<LayerChoice> all;
    for (const auto& list : {kernels::convolution_choices(queue(), asking<ConvolutionForward>(shape)),
                             kernels::convolution_choices(queue(), asking<ConvolutionTangent>(shape)),
                             kernels::convolution_choices(queue(), asking_for_weights(shape)),
                             kernels::convolution_choices(queue(), asking_for_input(shape))})
      all.insert(list.begin(), list.end());
    return all;
  }
  std::vector<float> dweight_by(const ConvolutionData& data, const LayerChoice& by) {
    choice = by;
    return backward(data, kSlope, false).dweight;
  }
};
AGON_ON_EVERY_DEVICE(ConvolutionAlgorithms);

/// What one operation's list has is asked of all of them: where the library has it not, ours computes.
TEST_P(ConvolutionAlgorithms, EachGivesTheSums) {
  std::mt19937 generator(4);
  for (const ConvolutionShape& shape : kListedShapes) {
    precision = shape.groups > 1 ? Precision::tf32 : Precision::fp32;
    both_ways(shape, generator, [&](const ConvolutionData& data) {
      for (const LayerChoice& one : all_choices(data.shape)) {
        choice = one;
        const bool library = one.by == LayerBackend::library;
        compare(data, kSlope, library && precision == Precision::tf32 ? 2e-3 : kFp32Tolerance);
      }
    });
  }
}

/// Sums are in another order on each kind of tile and with each number of pieces, and so their last bits. The
/// processor has one algorithm.
TEST_P(ConvolutionAlgorithms, WhatIsAskedForIsTaken) {
  std::mt19937 generator(5);
  const ConvolutionData data(kListedShapes[0], generator);
  std::set<std::vector<float>> y, dweight;
  for (const TileKind tile : {TileKind::small, TileKind::medium, TileKind::large}) {
    choice = {LayerBackend::own, tile, 1};
    y.insert(forward(data, kSlope));
    for (const std::uint8_t pieces : {std::uint8_t{1}, std::uint8_t{2}})
      dweight.insert(dweight_by(data, {LayerBackend::own, tile, pieces}));
  }
  EXPECT_EQ(y.size(), on_cuda() ? 3u : 1u);
  EXPECT_EQ(dweight.size(), on_cuda() ? 6u : 1u);
}

/// What the library has not got is ours.
TEST_P(ConvolutionAlgorithms, AChoiceThatCannotBeIsOurs) {
  std::mt19937 generator(6);
  const ConvolutionData data(kListedShapes[0], generator);
  const std::vector<float> ours = forward(data, kSlope), dweight = dweight_by(data, {});
  choice = {.by = LayerBackend::library, .algorithm = 255};
  EXPECT_EQ(forward(data, kSlope), ours);
  choice = {.by = LayerBackend::fused};
  EXPECT_EQ(forward(data, kSlope), ours);
  if (!simulated()) return;
  choice = {.by = LayerBackend::library};
  EXPECT_EQ(forward(data, kSlope), ours);
  EXPECT_EQ(dweight_by(data, choice), dweight);
}

TEST_P(ConvolutionAlgorithms, TheEstimateIsTheFirst) {
  std::mt19937 generator(7);
  for (const ConvolutionShape& shape : kListedShapes)
    both_ways(shape, generator, [&](const ConvolutionData& data) {
      choice = {};
      const std::vector<float> y = forward(data, kSlope), dweight = dweight_by(data, {});
      choice = kernels::convolution_choices(queue(), asking<ConvolutionForward>(data.shape)).front();
      EXPECT_EQ(forward(data, kSlope), y);
      EXPECT_EQ(
          dweight_by(data, kernels::convolution_choices(queue(), asking_for_weights(data.shape)).front()),
          dweight);
    });
}

TEST_P(ConvolutionAlgorithms, AreDifferent) {
  const auto sizes_of = [](const std::vector<LayerChoice>& list) {
    return std::pair(list.size(), std::set(list.begin(), list.end()).size());
  };
  const auto forward =
      sizes_of(kernels::convolution_choices(queue(), asking<ConvolutionForward>(kListedShapes[0])));
  const auto weights = sizes_of(kernels::convolution_choices(queue(), asking_for_weights(kListedShapes[0])));
  EXPECT_EQ(forward.first, forward.second);
  EXPECT_EQ(weights.first, weights.second);
  if (!on_cuda()) {
    EXPECT_EQ(forward.first + weights.first, 2u);
  } else {
    EXPECT_GE(forward.first, 3u);  // tiles
    EXPECT_GE(weights.first, 6u);  // tiles, with one and two pieces
  }
}

}  // namespace convolution_algorithms_test
}  // namespace agon::test
