// Fully connected layer with its LeakyReLU on the processor.
#include "kernels/linear.hpp"

#include <omp.h>

#include "kernels/cpu/gemm.hpp"
#include "kernels/cpu/linear_library.hpp"
#include "kernels/cpu/variant.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

/// A thread's equal share of the workspace, in whole cache lines.
Scratch thread_scratch(QueueView queue, int threads, int index) {
  const std::int64_t floats =
      static_cast<std::int64_t>(queue.workspace_bytes / sizeof(float)) / threads / 16 * 16;
  return {reinterpret_cast<float*>(queue.workspace) + floats * index, floats};
}

Product forward_product(const LinearForward& op) {
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
          .finish = Finish::activation,
          .slope = op.slope,
          .bias = op.bias};
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
          .y = op.x};
}

Product weight_gradient(const LinearBackward& op) {
  const LinearShape& s = op.shape;
  return {.m = s.out,
          .n = s.in,
          .k = s.batch,
          .a = op.dz,
          .lda = s.out,
          .a_layout = Layout::column_major,
          .b = op.x,
          .ldb = s.in,
          .c = op.dweight,
          .ldc = s.in};
}

/// Columns [begin, end) of the sum over rows, cut every kDepth rows as the products are.
void sum_columns(const float* dz, const LinearShape& s, std::int64_t begin, std::int64_t end, float* dbias) {
  for (std::int64_t n = begin; n < end; n += kLanes) {
    const int lanes = static_cast<int>(smaller(kLanes, end - n));
    Vector total = zero();
    for (std::int64_t r0 = 0; r0 < s.batch; r0 += kDepth) {
      const std::int64_t r1 = smaller(s.batch, r0 + kDepth);
      Vector sum = zero();
      for (std::int64_t r = r0; r < r1; ++r) sum += load_first(dz + r * s.out + n, lanes);
      total += sum;
    }
    store_first(dbias + n, total, lanes);
  }
}

void own_forward(QueueView queue, const LinearForward& op) {
  const Product product = forward_product(op);
#pragma omp parallel num_threads(queue.threads)
  {
    const int threads = omp_get_num_threads(), index = omp_get_thread_num();
    multiply_block(product, thread_block(product, threads, index), thread_scratch(queue, threads, index));
  }
}

void own_backward(QueueView queue, const LinearBackward& op) {
#pragma omp parallel num_threads(queue.threads)
  {
    const int threads = omp_get_num_threads(), index = omp_get_thread_num();
    const Scratch scratch = thread_scratch(queue, threads, index);
    if (op.dx != nullptr) {
      const Product product = input_gradient(op);
      multiply_block(product, thread_block(product, threads, index), scratch);
    }
    if (op.dweight != nullptr) {
      const Product product = weight_gradient(op);
      multiply_block(product, thread_block(product, threads, index), scratch);
      const std::int64_t out = op.shape.out;
      sum_columns(op.dz, op.shape, part_begin(out, kLanes, threads, index),
                  part_begin(out, kLanes, threads, index + 1), op.dbias);
    }
  }
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
    if (op.dbias != nullptr) {
      sum_columns(op.dz, s, part_begin(s.out, kLanes, threads, index),
                  part_begin(s.out, kLanes, threads, index + 1), op.dbias);
    }
  }
}

}  // namespace

void linear_forward(QueueView queue, const LinearForward& op) {
  if (op.route == LinearRoute::library) return library_linear_forward(queue, op);
  own_forward(queue, op);
}

void linear_backward(QueueView queue, const LinearBackward& op) {
  if (op.route == LinearRoute::library) return library_backward(queue, op);
  own_backward(queue, op);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
