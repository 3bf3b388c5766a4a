// oneDNN's matrix products for the linear layer. Compiled once: oneDNN picks its own instruction set.
#pragma once

#include "kernels/linear.hpp"

namespace agon::kernels {

/// The whole of linear_forward (kernels/linear.hpp), with bias and LeakyReLU fused.
void library_linear_forward(QueueView queue, const LinearForward& op);

/// dweight and dx of linear_backward, dx without phi'(x) and dbias not written: oneDNN fuses neither.
void library_linear_backward(QueueView queue, const LinearBackward& op);

}  // namespace agon::kernels
