// The ways CUDA computes a linear layer; linear.cpp chooses.
#pragma once

#include "kernels/linear.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::cuda {

/// Tiled products: any shape.
void linear_forward_tiled(QueueView queue, const LinearForward& op);
void linear_backward_tiled(QueueView queue, const LinearBackward& op);

/// For out <= kThin (forward), and for in <= kThin or out <= kThin (backward). fp32.
void linear_forward_thin(QueueView queue, const LinearForward& op);
void linear_backward_thin(QueueView queue, const LinearBackward& op);

/// cuBLASLt. False, with nothing enqueued, where the library cannot be loaded or has no kernel for the shape.
bool linear_forward_library(QueueView queue, const LinearForward& op);
bool linear_backward_library(QueueView queue, const LinearBackward& op);

/// Adds up `splits` partial gradients in workspace, (splits, out * in + out), in order.
void add_partial_gradients(QueueView queue, const LinearBackward& op, int splits);

/// The library's products know no LeakyReLU. y = phi(y), (n) elements in place.
void leaky_relu(QueueView queue, float* y, std::int64_t n, float slope);
/// dx *= phi'(x), (n) elements.
void leaky_relu_backward(QueueView queue, float* dx, const float* x, std::int64_t n, float slope);

}  // namespace agon::kernels::cuda
