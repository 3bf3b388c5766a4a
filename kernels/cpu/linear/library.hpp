// oneDNN's matrix products for the linear layer. Compiled once: oneDNN picks its own instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace agon::kernels {

/// C(m, n) = phi(A(m, k) B(k, n) + bias), or the product alone where bias is null. Rows lie ld. floats apart;
/// a transposed operand is stored (k, m) or (n, k). phi is LeakyReLU with `slope`.
struct LibraryProduct {
  std::int64_t m = 0, n = 0, k = 0;
  const float* a = nullptr;
  std::int64_t lda = 0;
  bool a_transposed = false;
  const float* b = nullptr;
  std::int64_t ldb = 0;
  bool b_transposed = false;
  float* c = nullptr;
  std::int64_t ldc = 0;
  const float* bias = nullptr;
  float slope = 1.0f;
};

/// On the calling thread alone. oneDNN's scratch is taken from `scratch`, `scratch_bytes` long. Throws Error
/// where that is too little.
void library_multiply(const LibraryProduct& product, void* scratch, std::size_t scratch_bytes);

}  // namespace agon::kernels
