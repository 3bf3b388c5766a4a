// Linear layer forward: the bias and LeakyReLU are applied as the products leave the registers.
#include "kernels/cuda/linear/backends.hpp"
#include "kernels/cuda/linear/products.cuh"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::cuda {
namespace {

struct Activation {
  static __device__ __forceinline__ void put(const LinearForward& op, int row, int column, float product) {
    op.y[element(row, op.shape.out, column)] = formula::leaky_relu(product + op.bias[column], op.slope);
  }
};

}  // namespace

void linear_forward_tiled(QueueView queue, const LinearForward& op) {
  launch_linear_tiles<Activation>(queue, op);
}

void linear_forward_thin(QueueView queue, const LinearForward& op) {
  launch_linear_thin<Activation>(queue, op);
}

}  // namespace agon::kernels::cuda
