// Writes down a graph of cuDNN's: tensors, and the operations between them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/convolution_shape.hpp"
#include "kernels/cuda/library/cudnn_descriptor.hpp"

namespace agon::kernels::cuda {

/// What a graph's operands are called.
enum FusedTensor : std::int64_t { kFusedLeft = 1, kFusedWeight, kFusedBeside, kFusedResult };
/// Between two operations of a graph; never in memory.
enum VirtualTensor : std::int64_t { kProduct = kFusedResult + 1, kSum };

/// Which of a convolution's three tensors is made of the other two: the coarse images, the fine ones, or the
/// weights' gradient.
enum class ConvolutionWay : std::uint8_t { down, up, weights };

/// Writes the graph's descriptors into `parts`, which no two calls share.
class GraphBuilder {
 public:
  GraphBuilder(const Cudnn& cudnn, std::vector<Descriptor>& parts) : cudnn_(cudnn), parts_(parts) {
    parts_.reserve(32);  // references to parts stay
  }

  /// Strides in floats, alignment in bytes.
  const Descriptor& tensor(std::int64_t name, std::span<const std::int64_t> sizes,
                           std::span<const std::int64_t> strides, std::int64_t alignment);
  /// (batch, channels, height, width) as cuDNN counts, channels innermost.
  const Descriptor& image(std::int64_t name, std::int64_t batch, const ImageShape& shape,
                          std::int64_t alignment = 16);
  /// (coarse channels, fine channels / groups, kernel, kernel) as cuDNN counts, both ways; in memory as in
  /// kernels/convolution.hpp.
  const Descriptor& filter(std::int64_t name, const ConvolutionShape& shape, std::int64_t alignment);

  void multiply(const Descriptor& left, const Descriptor& right, const Descriptor& result);
  void convolve(ConvolutionWay way, const ConvolutionShape& shape, const Descriptor& fine,
                const Descriptor& weight, const Descriptor& coarse);
  void add_bias(const Descriptor& matrix, const Descriptor& bias, const Descriptor& result);
  void leaky_relu(const Descriptor& z, const Descriptor& y, float slope);
  /// cuDNN reads the sign of what went into the activation; what came out has the same.
  void leaky_relu_backward(const Descriptor& x, const Descriptor& dy, const Descriptor& dx, float slope);

  /// Of all operations so far, for a handle's device, or where that is null for a described one.
  const Descriptor& graph(cudnnHandle_t handle);
  Descriptor& part(cudnnBackendDescriptorType_t type) { return parts_.emplace_back(cudnn_, type); }

 private:
  Descriptor& elementwise(cudnnPointwiseMode_t mode, float slope);
  void add(Descriptor& operation);

  const Cudnn& cudnn_;
  std::vector<Descriptor>& parts_;
  std::vector<cudnnBackendDescriptor_t> operations_;
};

}  // namespace agon::kernels::cuda
