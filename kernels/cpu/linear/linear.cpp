// Fully connected layer with its LeakyReLU on the processor.
#include "kernels/linear.hpp"

#include <omp.h>

#include "kernels/cpu/linear/gemm.hpp"
#include "kernels/cpu/linear/library.hpp"
#include "kernels/cpu/linear/narrow.hpp"
#include "kernels/linear_tangent.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

/// A thread's equal share of the workspace, in whole cache lines.
Scratch thread_scratch(QueueView queue, int threads, int index) {
  const std::int64_t floats =
      static_cast<std::int64_t>(queue.workspace_bytes / sizeof(float)) / threads / 16 * 16;
  return {reinterpret_cast<float*>(queue.workspace) + floats * index, floats};
}

/// x W^T, and nothing of what becomes of it.
template <class Operation>
Product layer_product(const Operation& op) {
  const LinearShape& s = op.shape;
  return {.m = s.batch,
          .n = s.out,
          .k = s.in,
          .a = op.x,
          .lda = s.in,
          .b = op.weight,
          .ldb = s.in,
          .b_layout = Layout::column_major,
          .c = op.y,
          .ldc = s.out,
          .slope = op.slope,
          .precision = op.precision};
}

Product forward_product(const LinearForward& op) {
  Product product = layer_product(op);
  product.finish = Finish::activation;
  product.bias = op.bias;
  return product;
}

Product tangent_product(const LinearTangent& op) {
  Product product = layer_product(op);
  product.finish = op.activation == nullptr   ? Finish::plain
                   : op.row_weight == nullptr ? Finish::derivative
                                              : Finish::tangent;
  product.y = op.activation;
  product.row_weight = op.row_weight;
  return product;
}

Product input_gradient(const LinearBackward& op) {
  const LinearShape& s = op.shape;
  return {.m = s.batch,
          .n = s.in,
          .k = s.out,
          .a = op.dz,
          .lda = s.out,
          .b = op.weight,
          .ldb = s.in,
          .c = op.dx,
          .ldc = s.in,
          .finish = op.input_slope == 1.0f ? Finish::plain : Finish::derivative,
          .slope = op.input_slope,
          .y = const_cast<float*>(op.x),  // is only read
          .precision = op.precision};
}

Product weight_gradient(const LinearBackward& op) {
  const LinearShape& s = op.shape;
  Product product{.k = s.batch,
                  .a_layout = Layout::column_major,
                  .c = op.dweight,
                  .ldc = s.in,
                  .accumulate = op.accumulate,
                  .precision = op.precision};
  if (s.in <= kTileRows && s.out > s.in) {  // few inputs: the outputs fill the vectors instead
    product.finish = Finish::transposed;
    product.m = s.in, product.a = op.x, product.lda = s.in;
    product.n = s.out, product.b = op.dz, product.ldb = s.out;
  } else {
    product.m = s.out, product.a = op.dz, product.lda = s.out;
    product.n = s.in, product.b = op.x, product.ldb = s.in;
  }
  return product;
}

/// V vectors of columns of the sum over rows, cut every kDepth rows as the products are.
template <int V, bool weighted>
void sum_vectors(const float* dz, const LinearBackward& op, int lanes, float* dbias) {
  const LinearShape& s = op.shape;
  Vector total[V] = {};
  if (op.accumulate) {
    for (int v = 0; v < V; ++v) total[v] = load_first(dbias + v * kLanes, lanes);
  }
  for (std::int64_t r0 = 0; r0 < s.batch; r0 += kDepth) {
    const std::int64_t r1 = smaller(s.batch, r0 + kDepth);
    Vector sum[V] = {};
    for (std::int64_t r = r0; r < r1; ++r) {
      for (int v = 0; v < V; ++v) {
        const Vector row = load_first(dz + r * s.out + v * kLanes, lanes);
        sum[v] = weighted ? multiply_add(broadcast(op.row_weight[r]), row, sum[v]) : sum[v] + row;
      }
    }
    for (int v = 0; v < V; ++v) total[v] += sum[v];
  }
  for (int v = 0; v < V; ++v) store_first(dbias + v * kLanes, total[v], lanes);
}

/// A thread's share of dbias.
template <bool weighted>
void sum_columns(const LinearBackward& op, int threads, int index) {
  std::int64_t n = part_begin(op.shape.out, kLanes, threads, index);
  const std::int64_t end = part_begin(op.shape.out, kLanes, threads, index + 1);
  for (; n + 4 * kLanes <= end; n += 4 * kLanes)
    sum_vectors<4, weighted>(op.dz + n, op, kLanes, op.dbias + n);
  for (; n < end; n += kLanes)
    sum_vectors<1, weighted>(op.dz + n, op, static_cast<int>(smaller(kLanes, end - n)), op.dbias + n);
}

void sum_columns(const LinearBackward& op, int threads, int index) {
  op.row_weight == nullptr ? sum_columns<false>(op, threads, index) : sum_columns<true>(op, threads, index);
}

void own_forward(QueueView queue, const LinearForward& op) {
  const Product product = forward_product(op);
  const bool narrow = op.precision == Precision::fp32 && narrow_forward_wins(op.shape);
#pragma omp parallel num_threads(queue.threads)
  {
    const int threads = omp_get_num_threads(), index = omp_get_thread_num();
    if (narrow) {
      const std::int64_t batch = op.shape.batch;
      narrow_forward(op, part_begin(batch, kDotRows, threads, index),
                     part_begin(batch, kDotRows, threads, index + 1));
    } else {
      multiply_block(product, thread_block(product, threads, index), thread_scratch(queue, threads, index));
    }
  }
}

/// A thread's share of dx and dweight.
void own_gradients(const LinearBackward& op, Scratch scratch, int threads, int index) {
  if (op.precision == Precision::fp32 && narrow_backward_wins(op.shape)) {
    const std::int64_t in = op.shape.in;
    return narrow_backward(op, part_begin(in, kLanes, threads, index),
                           part_begin(in, kLanes, threads, index + 1));
  }
  if (op.dx != nullptr) {
    const Product product = input_gradient(op);
    multiply_block(product, thread_block(product, threads, index), scratch);
  }
  if (op.dweight != nullptr) {
    const Product product = weight_gradient(op);
    multiply_block(product, thread_block(product, threads, index), scratch);
  }
}

void own_backward(QueueView queue, const LinearBackward& op) {
#pragma omp parallel num_threads(queue.threads)
  {
    const int threads = omp_get_num_threads(), index = omp_get_thread_num();
    own_gradients(op, thread_scratch(queue, threads, index), threads, index);
    if (op.dbias != nullptr) sum_columns(op, threads, index);
  }
}

/// oneDNN 2.6 computes fp32 only: its fpmath attribute allows rounding and does not ask for it.
template <class Operation>
bool by_library(const Operation& op) {
  return op.choice.by == LinearBackend::library && op.precision == Precision::fp32;
}

/// What the library's products leave to do: phi'(x) and the bias gradient.
void library_backward(QueueView queue, const LinearBackward& op) {
  library_linear_backward(queue, op);
  const LinearShape& s = op.shape;
#pragma omp parallel num_threads(queue.threads)
  {
    const int threads = omp_get_num_threads(), index = omp_get_thread_num();
    if (op.dx != nullptr && op.input_slope != 1.0f) {
      const Vector slope = broadcast(op.input_slope);
      const std::int64_t n = s.batch * s.in, end = part_begin(n, kLanes, threads, index + 1);
      for (std::int64_t i = part_begin(n, kLanes, threads, index); i < end; i += kLanes) {
        const int lanes = static_cast<int>(smaller(kLanes, end - i));
        const Vector x = load_first(op.x + i, lanes), dx = load_first(op.dx + i, lanes);
        store_first(op.dx + i, leaky_relu_gradient(x, dx, slope), lanes);
      }
    }
    if (op.dbias != nullptr) sum_columns(op, threads, index);
  }
}

}  // namespace

void linear_forward(QueueView queue, const LinearForward& op) {
  if (by_library(op)) return library_linear_forward(queue, op);
  own_forward(queue, op);
}

/// Always by our products: oneDNN fuses none of it.
void linear_tangent(QueueView queue, const LinearTangent& op) {
  const Product product = tangent_product(op);
#pragma omp parallel num_threads(queue.threads)
  {
    const int threads = omp_get_num_threads(), index = omp_get_thread_num();
    multiply_block(product, thread_block(product, threads, index), thread_scratch(queue, threads, index));
  }
}

void linear_backward(QueueView queue, const LinearBackward& op) {
  if (by_library(op) && !op.accumulate) return library_backward(queue, op);
  own_backward(queue, op);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
