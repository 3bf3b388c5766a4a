// cuDNN plans the convolutions of image networks, with what follows them, for devices that are described to
// it: see fused_graph_test.cpp.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "kernels/convolution.hpp"
#include "kernels/cuda/library/fused_graph.hpp"
#include "tests/kernels/cudnn/described_device.hpp"

namespace agon::kernels::cuda {
namespace {

using Behind = FusedConvolution::Behind;
using Way = ConvolutionWay;

constexpr std::int64_t kBatch = 64;

/// Recipe dcgan's between images of `size` and the smallest: 64 channels at half of it, twice as many at each
/// half, 512 at most. The generator's are the same, transposed.
std::vector<ConvolutionShape> dcgan(std::int64_t size, std::int64_t colours) {
  std::vector<ConvolutionShape> shapes;
  std::int64_t channels = colours, next = 64;
  for (; size % 2 == 0 && size > 4; size /= 2, channels = next, next = std::min<std::int64_t>(512, 2 * next))
    shapes.push_back({kBatch, {size, size, channels}, next, 4, 2, 1});
  return shapes;
}

/// Recipe r3gan's at one size: 1 x 1 to twice the channels, 3 x 3 in groups of 16, 1 x 1 back, and to twice
/// the channels at half the size.
std::vector<ConvolutionShape> r3gan(std::int64_t size, std::int64_t channels) {
  const ImageShape outer{size, size, channels}, inner{size, size, 2 * channels};
  return {{kBatch, outer, 2 * channels},
          {.batch = kBatch,
           .fine = inner,
           .coarse_channels = 2 * channels,
           .kernel = 3,
           .padding = 1,
           .groups = channels / 8},
          {kBatch, inner, channels}};
}

const char* name(Way way) { return way == Way::down ? "down" : way == Way::up ? "up" : "weights"; }
const char* name(Behind behind) {
  return behind == Behind::bias ? "bias" : behind == Behind::derivative ? "derivative" : "nothing";
}

class ConvolutionGraphs : public OnDescribedDevice {
 protected:
  /// The first plan that cuDNN makes, or that there is none, on a line; whether there is.
  bool show(const FusedConvolution& c) {
    const ConvolutionShape& s = c.shape;
    std::string first = "none";
    std::size_t listed = 0;
    try {
      FusedGraph graph(*library_, {.described = &*device_}, c);
      listed = graph.size();
      for (std::size_t i = 0; i < listed && first == "none"; ++i)
        if (const FusedAlgorithm& made = graph.algorithm(i); made.execution_plan) {
          expect_wanted(made, c.precision);
          first = std::to_string(i) + ", engine " + std::to_string(made.engine) + ", workspace " +
                  std::to_string(made.workspace_bytes);
        } else {
          std::printf("  %s\n", made.refusal.c_str());
        }
    } catch (const DeviceError& error) {
      first += std::string(": ") + error.what();
    }
    std::printf("%.4s %lldx%lldx%lld %s %lld, %lldx%lld, groups %lld, %s, %s: %zu listed, made %s\n",
                GetParam().name, static_cast<long long>(s.fine.height), static_cast<long long>(s.fine.width),
                static_cast<long long>(s.fine.channels), name(c.way),
                static_cast<long long>(s.coarse_channels), static_cast<long long>(s.kernel),
                static_cast<long long>(s.kernel), static_cast<long long>(s.groups), name(c.behind),
                c.precision == Precision::tf32 ? "tf32" : "fp32", listed, first.c_str());
    return first.find("engine") != std::string::npos;
  }

  static void expect_wanted(const FusedAlgorithm& made, Precision precision) {
    EXPECT_EQ(has(made.numerics, CUDNN_NUMERICAL_NOTE_TENSOR_CORE), precision == Precision::tf32);
    for (const auto note :
         {CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC, CUDNN_NUMERICAL_NOTE_FFT, CUDNN_NUMERICAL_NOTE_WINOGRAD,
          CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS, CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION})
      EXPECT_FALSE(has(made.numerics, note)) << note;
    EXPECT_LE(made.workspace_bytes, static_cast<std::int64_t>(kWorkspaceBytes));
  }

  /// What a network asks of a convolution, or of a transposed one: forward, the input's gradient and the
  /// weights', and the tangent.
  void expect_plans(ConvolutionShape shape, bool transposed, Precision wanted) {
    shape.transposed = transposed;
    const Precision precision = precision_of(shape, wanted);
    const Way forward = transposed ? Way::up : Way::down, back = transposed ? Way::down : Way::up;
    for (const auto& [way, behind] :
         {std::pair(forward, Behind::bias), std::pair(back, Behind::derivative),
          std::pair(forward, Behind::nothing), std::pair(Way::weights, Behind::nothing)}) {
      const float slope = behind == Behind::nothing ? 1.0f : 0.2f;
      EXPECT_NE(show({shape, way, behind, slope, precision}), is_refused(shape, way, behind, precision));
    }
  }

  /// What cuDNN 9.19 has no plan for: no kernel on tensor cores takes an epilogue behind the way up of
  /// groups.
  static bool is_refused(const ConvolutionShape& shape, Way way, Behind behind, Precision precision) {
    return precision == Precision::tf32 && shape.groups > 1 && way == Way::up && behind != Behind::nothing;
  }
};
INSTANTIATE_TEST_SUITE_P(, ConvolutionGraphs, ::testing::ValuesIn(kTargets), name_of);

TEST_P(ConvolutionGraphs, ArePlannedForDcgan) {
  for (const std::int64_t size : {28, 32, 64})
    for (const ConvolutionShape& shape : dcgan(size, size == 64 ? 3 : 1))
      for (const bool transposed : {false, true}) expect_plans(shape, transposed, Precision::tf32);
}

TEST_P(ConvolutionGraphs, ArePlannedForDcganInFp32) {
  for (const ConvolutionShape& shape : dcgan(28, 1))
    for (const bool transposed : {false, true}) expect_plans(shape, transposed, Precision::fp32);
}

TEST_P(ConvolutionGraphs, ArePlannedForR3gan) {
  for (const auto& [size, channels] :
       {std::pair(28, 32), std::pair(14, 64), std::pair(7, 128), std::pair(4, 256)})
    for (const ConvolutionShape& shape : r3gan(size, channels)) {
      expect_plans(shape, false, Precision::tf32);
      if (size == 14) expect_plans(shape, false, Precision::fp32);
    }
}

/// Images in the middle of a buffer: no 16 bytes at a time.
TEST_P(ConvolutionGraphs, ArePlannedForWhatIsNotAligned) {
  const ConvolutionShape shape{kBatch, {14, 14, 33}, 65, 3, 1, 1};
  for (const Precision precision : {Precision::fp32, Precision::tf32})
    EXPECT_TRUE(show({shape,
                      Way::down,
                      Behind::bias,
                      0.2f,
                      precision,
                      {.left = 4, .weight = 4, .beside = 4, .result = 4}}));
}

}  // namespace
}  // namespace agon::kernels::cuda
