// Two layers in a row with few columns between them: a generator's last and a discriminator's first.
#pragma once

#include "kernels/linear.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// first.y is a run of rows in the buffer that second.x begins: first.y = second.x + f * second.shape.in with
/// 0 <= f <= second.shape.batch, first.shape.out = second.shape.in. Rows [0, f) of that buffer are the
/// caller's (real records before the generator's); `second` may end before `first` does. Both happen as if
/// one by one.
struct LinearPairForward {
  LinearForward first;
  LinearForward second;
};

/// The way back, gradients of the inputs only: second.dx, then first.dx from first.dz = second.dx, over the
/// same rows. Neither has dweight.
struct LinearPairBackward {
  LinearBackward second;
  LinearBackward first;
};

/// On CUDA one launch where the middle is thin (at most 16 columns), else two.
void linear_pair_forward(QueueView queue, const LinearPairForward& op);
void linear_pair_backward(QueueView queue, const LinearPairBackward& op);

}  // namespace agon::kernels
