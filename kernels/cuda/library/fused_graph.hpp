// A product with its bias and LeakyReLU, or with a LeakyReLU's derivative, as one graph of cuDNN's, which
// has a kernel for it, or compiles one. Source: cuDNN documentation, "Graphs" and "Backend API".
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kernels/convolution_shape.hpp"
#include "kernels/cuda/library/cudnn_descriptor.hpp"
#include "kernels/cuda/library/graph_builder.hpp"
#include "kernels/linear_shape.hpp"
#include "kernels/precision.hpp"

namespace agon::kernels::cuda {

/// Of a graph's operands (FusedTensor), in bytes: powers of two.
struct FusedAlignment {
  std::int64_t left = 16, weight = 16, beside = 16, result = 16;

  auto operator<=>(const FusedAlignment&) const = default;
};

/// All fp32 and row-major, as in kernels/linear.hpp:
///   forward         y (batch, out) = phi(x (batch, in)  weight^T (in, out) + bias (out))
///   input gradient  dx (batch, in) = dz (batch, out)  weight (out, in) * phi'(x (batch, in))
struct FusedProduct {
  LinearShape shape;
  bool forward = true;
  float slope = 1.0f;  ///< of phi; 1: there is none, and x of the input gradient is not read
  FusedAlignment alignment{};

  auto operator<=>(const FusedProduct&) const = default;
};

/// As in kernels/convolution.hpp. From `left`, fine images down, coarse ones up, to the other ones:
///   nothing     result = convolution of left
///   bias        result = phi(convolution of left + beside (channels of result))
///   derivative  result = convolution of left * phi'(beside (as result))
/// or from `left`, the fine images, and `weight`, the coarse ones, to `result`, the weights' gradient. With
/// nothing behind it a convolution may be left to several kernels of cuDNN's and its workspace.
struct FusedConvolution {
  enum class Behind : std::uint8_t { nothing, bias, derivative };

  ConvolutionShape shape;  ///< transposed or not: `way` says what is made
  ConvolutionWay way = ConvolutionWay::down;
  Behind behind = Behind::nothing;
  float slope = 1.0f;                     ///< of phi; 1: there is none
  Precision precision = Precision::fp32;  ///< not bf16: cuDNN has no such products of fp32 operands
  FusedAlignment alignment{};

  auto operator<=>(const FusedConvolution&) const = default;
};

using FusedDescription = std::variant<FusedProduct, FusedConvolution>;

/// Where they lie on the device; `beside` is null where the graph has none.
struct FusedOperands {
  const float *left, *weight, *beside;
  float* result;
};

/// Operands and workspace as a plan is executed with them.
Descriptor fused_pack(const Cudnn& cudnn, const FusedOperands& at, void* workspace);

/// What plans are for: a handle's device, or a described one (CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR), which
/// need not be there. One of the two.
struct FusedTarget {
  cudnnHandle_t handle = nullptr;
  const Descriptor* described = nullptr;
};

/// An algorithm to compute the graph.
struct FusedAlgorithm {
  std::int64_t engine = -1;
  std::vector<cudnnBackendNumericalNote_t> numerics;
  std::vector<cudnnBackendBehaviorNote_t> behaviour;
  std::int64_t workspace_bytes = 0;
  std::optional<Descriptor>
      execution_plan;   ///< absent where cuDNN would not make it, or it needs too much workspace
  std::string refusal;  ///< then the reason
};

/// The graph, and the algorithms that cuDNN's heuristics list for it, its favourite first, then those to fall
/// back on. Of these the ones that are wanted: with the same bits every time, workspace of at most
/// kWorkspaceBytes, and products of TF32's factors rounded no further on tensor cores, or in true fp32
/// without transforms (Winograd, Fourier). A linear layer's are in TF32 (in fp32 cuBLASLt is at hand) and
/// those that a CUDA graph can hold by cuDNN's word. It says that of no kernel that it has not compiled
/// itself; those of convolutions are captured like any other library's, and where that fails the tuner, which
/// times inside a graph, leaves them out.
class FusedGraph {
 public:
  /// Throws DeviceError where cuDNN does not take the graph.
  FusedGraph(const Cudnn& cudnn, const FusedTarget& target, const FusedDescription& description);

  std::size_t size() const { return algorithms_.size(); }
  /// Compiled when first asked for, which takes up to some seconds.
  const FusedAlgorithm& algorithm(std::size_t index);

 private:
  struct Algorithm {
    Descriptor configuration;
    FusedAlgorithm made;
    bool tried = false;
  };
  /// Those of a graph that are listed.
  struct Wanted {
    std::size_t most;
    bool tensor_cores, held_by_graphs;
  };
  static Wanted wanted_of(const FusedDescription& description);
  void list_algorithms(GraphBuilder& builder, const Descriptor& graph, cudnnBackendHeurMode_t mode,
                       const Wanted& wanted);
  FusedAlgorithm algorithm_of(const Descriptor& configuration) const;
  void finish(Algorithm& algorithm);

  const Cudnn& cudnn_;
  FusedTarget target_;
  std::vector<Descriptor> parts_;  ///< of the graph: what descriptors refer to lives as long as they
  std::vector<Algorithm> algorithms_;
};

}  // namespace agon::kernels::cuda
