// A product with its bias and LeakyReLU, or with a LeakyReLU's derivative, as one graph of cuDNN's, which
// compiles a kernel for it. Source: cuDNN documentation, "Graphs" and "Backend API".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/cuda/library/cudnn_descriptor.hpp"
#include "kernels/linear.hpp"

namespace agon::kernels::cuda {

/// All fp32 and row-major, as in kernels/linear.hpp:
///   forward         y (batch, out) = phi(x (batch, in)  weight^T (in, out) + bias (out))
///   input gradient  dx (batch, in) = dz (batch, out)  weight (out, in) * phi'(x (batch, in))
struct FusedProduct {
  LinearShape shape;
  bool forward = true;
  float slope = 1.0f;  ///< of phi; 1: there is none, and x of the input gradient is not read
  /// Bytes, of x or dz, weight, bias or x, y or dx: powers of two.
  std::int64_t alignment_left = 16, alignment_weight = 16, alignment_beside = 16, alignment_result = 16;

  auto operator<=>(const FusedProduct&) const = default;
};

/// What FusedProduct's matrices are called in a graph.
enum FusedTensor : std::int64_t { kFusedLeft = 1, kFusedWeight, kFusedBeside, kFusedResult };

/// Where they lie on the device; `beside` is null where slope is 1 and the product an input gradient.
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
      execution_plan;   ///< absent where cuDNN would not make it, or it is not what is wanted
  std::string refusal;  ///< then the reason
};

/// The graph, and the algorithms that cuDNN's heuristics list for it, its favourite first. Wanted are those
/// whose products are TF32's and rounded no further, with the same bits every time, that a CUDA graph can
/// hold, with workspace of at most kWorkspaceBytes. (None is in true fp32: cuDNN fuses only into products on
/// tensor cores.)
class FusedGraph {
 public:
  /// Throws DeviceError where cuDNN does not take the graph.
  FusedGraph(const Cudnn& cudnn, const FusedTarget& target, const FusedProduct& product);

  std::size_t size() const { return algorithms_.size(); }
  /// Compiled when first asked for, which takes a quarter to three quarters of a second.
  const FusedAlgorithm& algorithm(std::size_t index);

 private:
  struct Algorithm {
    Descriptor configuration;
    FusedAlgorithm made;
    bool tried = false;
  };
  void add_algorithm(Descriptor configuration);
  void finish(Algorithm& algorithm);

  const Cudnn& cudnn_;
  FusedTarget target_;
  std::vector<Descriptor> parts_;  ///< of the graph: what descriptors refer to lives as long as they
  std::vector<Algorithm> algorithms_;
};

}  // namespace agon::kernels::cuda
