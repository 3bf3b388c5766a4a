// Fully connected layer with its LeakyReLU on the processor.
#include "kernels/linear.hpp"

#include "kernels/cpu/linear/column_sums.hpp"
#include "kernels/cpu/linear/gemm.hpp"
#include "kernels/cpu/linear/library.hpp"
#include "kernels/cpu/linear/narrow.hpp"
#include "kernels/cpu/parts.hpp"
#include "kernels/linear_tangent.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

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

/// dz^T x
Product weight_gradient_by_rows(const LinearBackward& op) {
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
          .ldc = s.in,
          .accumulate = op.accumulate,
          .precision = op.precision};
}

Product weight_gradient(const LinearBackward& op) {
  const LinearShape& s = op.shape;
  Product product = weight_gradient_by_rows(op);
  if (s.in <= kTileRows && s.out > s.in) {  // few inputs: the outputs fill the vectors instead
    product.finish = Finish::transposed;
    product.m = s.in, product.a = op.x, product.lda = s.in;
    product.n = s.out, product.b = op.dz, product.ldb = s.out;
  }
  return product;
}

/// A thread's share of dbias.
void sum_columns(const LinearBackward& op, int threads, int index) {
  sum_columns(ColumnSums{.rows = op.dz,
                         .count = op.shape.batch,
                         .columns = op.shape.out,
                         .weight = op.row_weight,
                         .accumulate = op.accumulate,
                         .sums = op.dbias},
              threads, index);
}

void own_forward(QueueView queue, const LinearForward& op) {
  const Product product = forward_product(op);
  const bool narrow = op.precision == Precision::fp32 && narrow_forward_wins(op.shape);
  const int threads = queue.threads;
  for_parts(queue, threads, [&](int index) {
    if (narrow) {
      const std::int64_t batch = op.shape.batch;
      narrow_forward(op, part_begin(batch, kDotRows, threads, index),
                     part_begin(batch, kDotRows, threads, index + 1));
    } else {
      multiply_block(product, thread_block(product, threads, index), thread_scratch(queue, threads, index));
    }
  });
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
  const int threads = queue.threads;
  for_parts(queue, threads, [&](int index) {
    own_gradients(op, thread_scratch(queue, threads, index), threads, index);
    if (op.dbias != nullptr) sum_columns(op, threads, index);
  });
}

/// oneDNN 2.6 computes fp32 only: its fpmath attribute allows rounding and does not ask for it.
template <class Operation>
bool by_library(const Operation& op) {
  return op.choice.by == LayerBackend::library && op.precision == Precision::fp32;
}

/// A thread's block of a product, with bias and LeakyReLU and nothing else of what finishes it.
void library_block(const Product& p, QueueView queue, int index) {
  const Block at = thread_block(p, queue.threads, index);
  if (at.m0 == at.m1 || at.n0 == at.n1) return;
  const bool a_turned = p.a_layout == Layout::column_major, b_turned = p.b_layout == Layout::column_major;
  const Scratch scratch = thread_scratch(queue, queue.threads, index);
  library_multiply({.m = at.m1 - at.m0,
                    .n = at.n1 - at.n0,
                    .k = p.k,
                    .a = p.a + (a_turned ? at.m0 : at.m0 * p.lda),
                    .lda = p.lda,
                    .a_transposed = a_turned,
                    .b = p.b + (b_turned ? at.n0 * p.ldb : at.n0),
                    .ldb = p.ldb,
                    .b_transposed = b_turned,
                    .c = p.c + at.m0 * p.ldc + at.n0,
                    .ldc = p.ldc,
                    .bias = p.bias == nullptr ? nullptr : p.bias + at.n0,
                    .slope = p.slope},
                   scratch.data, static_cast<std::size_t>(scratch.floats) * sizeof(float));
}

void library_forward(QueueView queue, const LinearForward& op) {
  const Product product = forward_product(op);
  for_parts(queue, queue.threads, [&](int index) { library_block(product, queue, index); });
}

/// dx is multiplied by phi'(x) afterwards: oneDNN does not.
void library_input_gradient(QueueView queue, const LinearBackward& op) {
  Product product = input_gradient(op);
  product.slope = 1.0f;
  for_parts(queue, queue.threads, [&](int index) { library_block(product, queue, index); });
  if (op.input_slope == 1.0f) return;
  const Vector slope = broadcast(op.input_slope);
  for_ranges(queue, op.shape.batch * op.shape.in, kLineFloats, true,
             [&](std::int64_t begin, std::int64_t end) {
               for (std::int64_t i = begin; i < end; i += kLanes) {
                 const int lanes = static_cast<int>(smaller(kLanes, end - i));
                 const Vector x = load_first(op.x + i, lanes), dx = load_first(op.dx + i, lanes);
                 store_first(op.dx + i, leaky_relu_gradient(x, dx, slope), lanes);
               }
             });
}

void library_backward(QueueView queue, const LinearBackward& op) {
  if (op.dx != nullptr) library_input_gradient(queue, op);
  for_parts(queue, queue.threads, [&](int index) {
    if (op.dweight != nullptr) library_block(weight_gradient_by_rows(op), queue, index);
    if (op.dbias != nullptr) sum_columns(op, queue.threads, index);
  });
}

}  // namespace

void linear_forward(QueueView queue, const LinearForward& op) {
  if (by_library(op)) return library_forward(queue, op);
  own_forward(queue, op);
}

/// Always by our products: oneDNN fuses none of it.
void linear_tangent(QueueView queue, const LinearTangent& op) {
  const Product product = tangent_product(op);
  const int threads = queue.threads;
  for_parts(queue, threads, [&](int index) {
    multiply_block(product, thread_block(product, threads, index), thread_scratch(queue, threads, index));
  });
}

void linear_backward(QueueView queue, const LinearBackward& op) {
  if (by_library(op) && !op.accumulate) return library_backward(queue, op);
  own_backward(queue, op);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
