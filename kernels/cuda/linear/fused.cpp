// Linear layers by cuDNN, one kernel for a product and what follows it (library/fused_graph.hpp).
#include "kernels/cuda/library/fused_cache.hpp"
#include "kernels/cuda/linear/backends.hpp"

namespace agon::kernels::cuda {
namespace {

FusedProduct product_of(const LinearForward& op) { return {.shape = op.shape, .slope = op.slope}; }
FusedOperands pointers_of(const LinearForward& op) { return {op.x, op.weight, op.bias, op.y}; }

FusedProduct product_of(const LinearBackward& op) {
  return {.shape = op.shape, .forward = false, .slope = op.input_slope};
}
FusedOperands pointers_of(const LinearBackward& op) {
  return {op.dz, op.weight, op.input_slope == 1.0f ? nullptr : op.x, op.dx};
}

}  // namespace

bool linear_forward_fused(QueueView queue, const LinearForward& op) {
  return fused_compute(queue, product_of(op), pointers_of(op), op.choice.algorithm);
}
bool linear_backward_fused(QueueView queue, const LinearBackward& op) {
  return fused_compute(queue, product_of(op), pointers_of(op), op.choice.algorithm);
}

std::vector<std::uint8_t> linear_fused_algorithms(const LinearForward& op) {
  return fused_plans(product_of(op), pointers_of(op));
}
std::vector<std::uint8_t> linear_fused_algorithms(const LinearBackward& op) {
  return fused_plans(product_of(op), pointers_of(op));
}

std::string linear_fused_version() { return fused_version(); }

}  // namespace agon::kernels::cuda
