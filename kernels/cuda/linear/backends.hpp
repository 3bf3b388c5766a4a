// The ways CUDA computes a linear layer; linear.cpp goes one of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/linear.hpp"
#include "kernels/linear_tangent.hpp"
#include "kernels/queue.hpp"
#include "kernels/step.hpp"

namespace agon::kernels::cuda {

/// Tiled products: any shape.
void linear_forward_tiled(QueueView queue, const LinearForward& op);
/// For out <= kThin. fp32.
void linear_forward_thin(QueueView queue, const LinearForward& op);
/// The same two of a tangent.
void linear_tangent_tiled(QueueView queue, const LinearTangent& op);
void linear_tangent_thin(QueueView queue, const LinearTangent& op);
/// One or two that know nothing of each other; tiles, and for in <= kThin or out <= kThin what suits those,
/// in fp32; a thin one may be without dbias. `end`: step_end beside the last of them; or null.
void linear_backward_own(QueueView queue, const LinearBackward* ops, int count, const StepEnd* end);

/// The largest power of two, up to 16, that divides the address. No more: a library's list of algorithms is
/// to be the same wherever in an arena the operands lie.
inline std::uint32_t alignment_of(const void* pointer) {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  return static_cast<std::uint32_t>(std::min<std::uintptr_t>(16, address & (~address + 1)));
}

/// What the library can be asked for: one replica, results that overwrite.
inline bool library_can(QueueView queue, const LinearForward&) {
  return queue.replicas.count == 1 && queue.replicas.first == 0;
}
inline bool library_can(QueueView queue, const LinearTangent&) {
  return queue.replicas.count == 1 && queue.replicas.first == 0;
}
inline bool library_can(QueueView queue, const LinearBackward& op) {
  return queue.replicas.count == 1 && queue.replicas.first == 0 && !op.accumulate;
}

/// cuBLASLt, by algorithm choice.algorithm of its list. False, with nothing enqueued, where the library
/// cannot be loaded or its list for the shape is shorter. Backward leaves op.update to the caller.
bool linear_forward_library(QueueView queue, const LinearForward& op);
bool linear_tangent_library(QueueView queue, const LinearTangent& op);
bool linear_backward_library(QueueView queue, const LinearBackward& op);
/// How long that list is: 0 to 8. Of two products the shorter one's.
int linear_library_algorithms(const LinearForward& op);
int linear_library_algorithms(const LinearTangent& op);
int linear_library_algorithms(const LinearBackward& op);
/// "cuBLASLt 130101, cuDNN 91900", what cannot be loaded left out: the lists are these versions'.
std::string linear_library_version();

/// What cuDNN's fused graphs can be asked for: one replica, tf32, and of gradients the input's alone. They
/// have no product in true fp32, and of fp32 operands none in bf16.
inline bool fused_can(QueueView queue, const LinearForward& op) {
  return queue.replicas.count == 1 && queue.replicas.first == 0 &&
         precision_of(op.shape, op.precision) == Precision::tf32;
}
inline bool fused_can(QueueView queue, const LinearBackward& op) {
  return queue.replicas.count == 1 && queue.replicas.first == 0 &&
         precision_of(op.shape, op.precision) == Precision::tf32 && op.dx != nullptr && op.dweight == nullptr;
}

/// cuDNN, by plan choice.algorithm of its list; of backward dx alone. False, with nothing enqueued, where the
/// library cannot be loaded or has no such plan.
bool linear_forward_fused(QueueView queue, const LinearForward& op);
bool linear_backward_fused(QueueView queue, const LinearBackward& op);
/// The numbers of its plans, 0 to 3; those that it would not make are left out. Compiles them.
std::vector<std::uint8_t> linear_fused_algorithms(const LinearForward& op);
std::vector<std::uint8_t> linear_fused_algorithms(const LinearBackward& op);
/// "cuDNN 91900", or nothing.
std::string linear_fused_version();

/// The library's products know no LeakyReLU. y = phi(y), (n) elements in place.
void leaky_relu(QueueView queue, float* y, std::int64_t n, float slope);
/// dx *= phi'(x), (n) elements.
void leaky_relu_backward(QueueView queue, float* dx, const float* x, std::int64_t n, float slope);
/// The tangent where op.y already holds x W^T.
void tangent_of_product(QueueView queue, const LinearTangent& op);
/// The library's bias gradients know no weights of rows either: op.dbias alone.
void weighted_bias_gradient(QueueView queue, const LinearBackward& op);

}  // namespace agon::kernels::cuda
