// The ways CUDA computes a linear layer; linear.cpp chooses.
#pragma once

#include "kernels/linear.hpp"
#include "kernels/queue.hpp"
#include "kernels/step.hpp"

namespace agon::kernels::cuda {

/// Tiled products: any shape.
void linear_forward_tiled(QueueView queue, const LinearForward& op);
/// For out <= kThin. fp32.
void linear_forward_thin(QueueView queue, const LinearForward& op);
/// One or two that know nothing of each other; tiles, and for in <= kThin or out <= kThin what suits those,
/// in fp32. `end`: step_end beside the last of them; or null.
void linear_backward_own(QueueView queue, const LinearBackward* ops, int count, const StepEnd* end);

/// cuBLASLt. False, with nothing enqueued, where the library cannot be loaded or has no kernel for the shape.
/// One replica; backward overwrites, and leaves op.update to the caller.
bool linear_forward_library(QueueView queue, const LinearForward& op);
bool linear_backward_library(QueueView queue, const LinearBackward& op);

/// The library's products know no LeakyReLU. y = phi(y), (n) elements in place.
void leaky_relu(QueueView queue, float* y, std::int64_t n, float slope);
/// dx *= phi'(x), (n) elements.
void leaky_relu_backward(QueueView queue, float* dx, const float* x, std::int64_t n, float slope);

}  // namespace agon::kernels::cuda
