// One way over a convolution, down from the fine images to the coarse ones or up from the coarse ones: what
// it reads, and what becomes of its products as they leave the registers.
#pragma once

#include <cstdint>

#include "kernels/convolution.hpp"
#include "kernels/cuda/device/stage.cuh"
#include "kernels/formula/leaky_relu.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::cuda {

/// With z an element of the product and a one of `activation`, where there is one, and n its image,
///   to = z phi'(a)      a_n = row_weight_n a_n + to
/// the latter where there are row weights, and else
///   to = phi(z + bias)
struct ConvolutionPass {
  ConvolutionShape shape;
  const float* from = nullptr;  ///< the fine images down, the coarse ones up
  const float* weight = nullptr;
  float* to = nullptr;
  const float* bias = nullptr;        ///< (channels of `to`) or null: 0
  const float* activation = nullptr;  ///< as `to`, or null
  float* updated = nullptr;           ///< activation, where there are row weights; else null
  const float* row_weight = nullptr;  ///< (batch) or null
  float slope = 1.0f;
  Precision precision = Precision::fp32;
  LayerChoice choice{};

  /// Element i of `to`, of that image and channel.
  __device__ __forceinline__ void put(std::int64_t i, int image, int channel, float product) const {
    if (activation == nullptr) {
      to[i] = formula::leaky_relu(bias == nullptr ? product : product + bias[channel], slope);
      return;
    }
    const float there = activation[i], value = product * formula::leaky_relu_derivative(there, slope);
    to[i] = value;
    if (updated != nullptr) updated[i] = formula::fused(row_weight[image], there, value);
  }
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ConvolutionPass& pass) {
  v.moves(pass.from);
  v.moves(pass.weight);
  v.moves(pass.to);
  v.moves(pass.bias);
  v.moves(pass.activation);
  v.moves(pass.updated);
  v.moves(pass.row_weight);
}

void convolution_down(QueueView queue, const ConvolutionPass& pass);
void convolution_up(QueueView queue, const ConvolutionPass& pass);
/// op.dweight alone.
void convolution_weight_gradient(QueueView queue, const ConvolutionBackward& op);

}  // namespace agon::kernels::cuda
