// A layer's tangent: the forward's products, by its tiles or its dot products, and what makes them a tangent
// as they leave the registers; or as a pass of its own, after a product of cuBLASLt.
#include "kernels/linear_tangent.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/linear/backends.hpp"
#include "kernels/cuda/linear/products.cuh"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kPassThreads = 256;

/// What `product`, an element of x W^T, becomes; `activation` is the layer's output there.
__device__ __forceinline__ float tangent(const LinearTangent& op, float product, float activation) {
  return product * formula::leaky_relu_derivative(activation, op.slope);
}

struct Tangent {
  static __device__ __forceinline__ void put(const LinearTangent& op, int row, int column, float product) {
    const std::int64_t i = element(row, op.shape.out, column);
    if (op.activation == nullptr) {
      op.y[i] = product;
      return;
    }
    const float activation = op.activation[i], value = tangent(op, product, activation);
    op.y[i] = value;
    if (op.row_weight != nullptr) op.activation[i] = formula::fused(op.row_weight[row], activation, value);
  }
};

/// Memory-bound; four elements to a thread where rows are multiples of four and the arrays allow 16-byte
/// accesses, else one.
template <class Element>
__global__ void __launch_bounds__(kPassThreads) tangent_pass_kernel(LinearTangent first, ReplicaGrid grid) {
  const LinearTangent op = at_replica(first, grid.mine());
  constexpr int kEach = sizeof(Element) / sizeof(float);
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kPassThreads + threadIdx.x;
  wait_for_previous_kernel();
  if (i * kEach >= op.shape.batch * op.shape.out) return;
  Element products = reinterpret_cast<Element*>(op.y)[i];
  Element activations = reinterpret_cast<Element*>(op.activation)[i];
  float* const product = reinterpret_cast<float*>(&products);
  float* const activation = reinterpret_cast<float*>(&activations);
#pragma unroll
  for (int e = 0; e < kEach; ++e) product[e] = tangent(op, product[e], activation[e]);
  reinterpret_cast<Element*>(op.y)[i] = products;
  if (op.row_weight == nullptr) return;
  const float weight = op.row_weight[i * kEach / op.shape.out];
#pragma unroll
  for (int e = 0; e < kEach; ++e) activation[e] = formula::fused(weight, activation[e], product[e]);
  reinterpret_cast<Element*>(op.activation)[i] = activations;
}

}  // namespace

void linear_tangent_tiled(QueueView queue, const LinearTangent& op) {
  launch_linear_tiles<Tangent>(queue, op);
}

void linear_tangent_thin(QueueView queue, const LinearTangent& op) { launch_linear_thin<Tangent>(queue, op); }

void tangent_of_product(QueueView queue, const LinearTangent& op) {
  if (op.activation == nullptr) return;  // the product is the tangent
  const std::int64_t n = op.shape.batch * op.shape.out;
  const bool vector = op.shape.out % 4 == 0 && aligned(op.y) && aligned(op.activation);
  const Launch shape{.blocks = blocks_for(n, (vector ? 4 : 1) * kPassThreads), .threads = kPassThreads};
  launch(queue, shape, vector ? tangent_pass_kernel<float4> : tangent_pass_kernel<float>, op,
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
