// Linear layers by cuBLASLt. Source: cuBLAS documentation, "Using the cuBLASLt API".
//
// The library counts in columns: a row-major (r, c) matrix is its (c, r) matrix with leading dimension c. So
//   forward   y^T (out, batch)      = weight^T^T (out, in)  x^T (in, batch)        + bias down each column
//   dx^T (in, batch)                = weight^T (in, out)    dz^T (out, batch)
//   dweight^T (in, out)             = x^T (in, batch)       dz^T^T (batch, out)    dbias = sums of dz over
//   the batch
#include <algorithm>
#include <array>
#include <compare>
#include <map>
#include <mutex>
#include <string>
#include <type_traits>

#include "kernels/cuda/device/check.hpp"
#include "kernels/cuda/library/cublaslt.hpp"
#include "kernels/cuda/library/loader.hpp"
#include "kernels/cuda/linear/backends.hpp"

namespace agon::kernels::cuda {
namespace {

void check_cublaslt(cublasStatus_t status, const char* call, const char* file, int line) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw DeviceError(std::string(call) + " failed: cuBLAS status " + std::to_string(static_cast<int>(status)) +
                    " (" + file + ":" + std::to_string(line) + ")");
}
#define AGON_CUBLASLT_CHECK(call) check_cublaslt((call), #call, __FILE__, __LINE__)

/// D (m, n) = op(A) op(B) over k, as the library counts, all fp32.
struct Product {
  int device = 0;
  std::int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  Precision precision = Precision::fp32;
  std::uint32_t alignment_a = 0, alignment_b = 0, alignment_d = 0;  // bytes

  auto operator<=>(const Product&) const = default;
};

struct Pointers {
  const float* a;
  const float* b;
  float* d;
  const void* bias;  // read or written by the epilogue
};

/// A product's descriptors and algorithms, the one expected to be the fastest first; perhaps none.
struct LibraryProduct {
  cublasLtMatmulDesc_t operation = nullptr;
  cublasLtMatrixLayout_t a = nullptr, b = nullptr, d = nullptr;
  std::array<cublasLtMatmulAlgo_t, kMostAlgorithms> algorithm{};
  int algorithms = 0;
};

cublasComputeType_t compute_type(Precision precision) {
  switch (precision) {
    case Precision::tf32:
      return CUBLAS_COMPUTE_32F_FAST_TF32;
    case Precision::bf16:
      return CUBLAS_COMPUTE_32F_FAST_16BF;
    default:
      return CUBLAS_COMPUTE_32F;
  }
}

void describe(const CublasLt& lt, const Product& product, LibraryProduct& prepared) {
  AGON_CUBLASLT_CHECK(lt.create_operation(&prepared.operation, compute_type(product.precision), CUDA_R_32F));
  const auto set = [&](cublasLtMatmulDescAttributes_t what, const auto& value) {
    AGON_CUBLASLT_CHECK(lt.set_operation(prepared.operation, what, &value, sizeof value));
  };
  set(CUBLASLT_MATMUL_DESC_TRANSA, product.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(CUBLASLT_MATMUL_DESC_TRANSB, product.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(CUBLASLT_MATMUL_DESC_EPILOGUE, product.epilogue);
  const auto layout = [&](cublasLtMatrixLayout_t* to, std::int64_t rows, std::int64_t columns,
                          bool transpose) {
    if (transpose) std::swap(rows, columns);
    AGON_CUBLASLT_CHECK(lt.create_layout(to, CUDA_R_32F, static_cast<std::uint64_t>(rows),
                                         static_cast<std::uint64_t>(columns), rows));
  };
  layout(&prepared.a, product.m, product.k, product.transpose_a);
  layout(&prepared.b, product.k, product.n, product.transpose_b);
  layout(&prepared.d, product.m, product.n, false);
}

/// Asks for those algorithms that give the same bits every time.
void list_algorithms(const CublasLt& lt, cublasLtHandle_t handle, const Product& product,
                     std::size_t workspace, LibraryProduct& prepared) {
  cublasLtMatmulPreference_t preference = nullptr;
  AGON_CUBLASLT_CHECK(lt.create_preference(&preference));
  cublasStatus_t status = CUBLAS_STATUS_SUCCESS;
  const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t what, const auto& value) {
    if (status == CUBLAS_STATUS_SUCCESS) status = lt.set_preference(preference, what, &value, sizeof value);
  };
  const std::uint64_t workspace_bytes = workspace;
  // Not INPLACE, which adds up split sums in any order.
  const std::uint32_t reductions =
      CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE | CUBLASLT_REDUCTION_SCHEME_OUTPUT_TYPE;
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspace_bytes);
  prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, reductions);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, product.alignment_a);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, product.alignment_b);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, product.alignment_d);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, product.alignment_d);
  std::array<cublasLtMatmulHeuristicResult_t, kMostAlgorithms> results{};
  int found = 0;
  if (status == CUBLAS_STATUS_SUCCESS) {
    status = lt.get_heuristic(handle, prepared.operation, prepared.a, prepared.b, prepared.d, prepared.d,
                              preference, kMostAlgorithms, results.data(), &found);
  }
  static_cast<void>(lt.destroy_preference(preference));
  if (status != CUBLAS_STATUS_SUCCESS) return;
  for (int i = 0; i < found; ++i)
    if (results[static_cast<std::size_t>(i)].state == CUBLAS_STATUS_SUCCESS)
      prepared.algorithm[static_cast<std::size_t>(prepared.algorithms++)] =
          results[static_cast<std::size_t>(i)].algo;
}

/// Handles and products of the process; they live as long as it, for the driver may be gone when statics are
/// destroyed.
struct Cache {
  std::mutex mutex;
  std::map<int, cublasLtHandle_t> handles;
  std::map<Product, LibraryProduct> products;
};

Cache& cache() {
  static auto* const the_cache = new Cache;
  return *the_cache;
}

/// The product's prepared, made where it is new. A product whose prepared is under way is enqueued before
/// another thread points the descriptor at its own bias.
const LibraryProduct& library_product(const CublasLt& lt, cublasLtHandle_t handle, const Product& product,
                                      const void* bias, std::size_t workspace) {
  const auto [entry, fresh] = cache().products.try_emplace(product);
  LibraryProduct& prepared = entry->second;
  if (fresh) describe(lt, product, prepared);
  if (bias != nullptr) {
    AGON_CUBLASLT_CHECK(
        lt.set_operation(prepared.operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, sizeof bias));
  }
  if (fresh) list_algorithms(lt, handle, product, workspace, prepared);
  return prepared;
}

/// use(library, handle, prepared) for a product, with the cache locked; what that returns, 0 where there is
/// no library.
template <class Use>
int with_library_product(Product product, const Pointers& at, const Use& use) {
  const CublasLt* const lt = cublaslt();
  if (lt == nullptr) return 0;
  AGON_CUDA_CHECK(cudaGetDevice(&product.device));
  product.alignment_a = alignment_of(at.a);
  product.alignment_b = alignment_of(at.b);
  product.alignment_d = alignment_of(at.d);
  const std::lock_guard lock(cache().mutex);
  const cublasLtHandle_t handle = handle_for(cache().handles, product.device, lt->create);
  if (handle == nullptr) return 0;
  return use(*lt, handle, library_product(*lt, handle, product, at.bias, kWorkspaceBytes));
}

int algorithms_of(const Product& product, const Pointers& at) {
  return with_library_product(
      product, at,
      [](const CublasLt&, cublasLtHandle_t, const LibraryProduct& prepared) { return prepared.algorithms; });
}

/// Enqueues a product; false, with nothing enqueued, where the library has no such algorithm.
bool multiply(QueueView queue, const Product& product, const Pointers& at, int algorithm) {
  return with_library_product(
             product, at, [&](const CublasLt& lt, cublasLtHandle_t handle, const LibraryProduct& prepared) {
               if (algorithm >= prepared.algorithms) return 0;
               const float one = 1.0f, zero = 0.0f;
               AGON_CUBLASLT_CHECK(lt.matmul(
                   handle, prepared.operation, &one, at.a, prepared.a, at.b, prepared.b, &zero, at.d,
                   prepared.d, at.d, prepared.d, &prepared.algorithm[static_cast<std::size_t>(algorithm)],
                   queue.workspace, kWorkspaceBytes, static_cast<cudaStream_t>(queue.stream)));
               return 1;
             }) != 0;
}

/// A product of a layer and where its operands lie.
struct Located {
  Product product;
  Pointers at;
};

/// A forward's, with its bias, or a tangent's.
template <class Operation>
Located output_product(const Operation& op) {
  const auto& [batch, in, out] = op.shape;
  Product product{.m = out, .n = batch, .k = in, .transpose_a = true};
  product.precision = op.precision;
  Pointers at{op.weight, op.x, op.y, nullptr};
  if constexpr (std::is_same_v<Operation, LinearForward>) {
    product.epilogue = CUBLASLT_EPILOGUE_BIAS;
    at.bias = op.bias;
  }
  return {product, at};
}

Located weight_product(const LinearBackward& op) {
  const auto& [batch, in, out] = op.shape;
  Product product{.m = in, .n = out, .k = batch, .transpose_b = true};
  const bool weighted = op.row_weight != nullptr;  // the library's sums are not
  if (!weighted) product.epilogue = CUBLASLT_EPILOGUE_BGRADB;
  product.precision = op.precision;
  return {product, {op.x, op.dz, op.dweight, weighted ? nullptr : op.dbias}};
}

Located input_product(const LinearBackward& op) {
  const auto& [batch, in, out] = op.shape;
  Product product{.m = in, .n = batch, .k = out};
  product.precision = op.precision;
  return {product, {op.weight, op.dz, op.dx, nullptr}};
}

}  // namespace

bool linear_forward_library(QueueView queue, const LinearForward& op) {
  const Located y = output_product(op);
  if (!multiply(queue, y.product, y.at, op.choice.algorithm)) return false;
  if (op.slope != 1.0f) leaky_relu(queue, op.y, op.shape.batch * op.shape.out, op.slope);
  return true;
}

bool linear_tangent_library(QueueView queue, const LinearTangent& op) {
  const Located y = output_product(op);
  if (!multiply(queue, y.product, y.at, op.choice.algorithm)) return false;
  tangent_of_product(queue, op);
  return true;
}

bool linear_backward_library(QueueView queue, const LinearBackward& op) {
  if (op.choice.algorithm >= linear_library_algorithms(op)) return false;
  if (op.dweight != nullptr) {
    const Located dweight = weight_product(op);
    multiply(queue, dweight.product, dweight.at, op.choice.algorithm);
    if (op.row_weight != nullptr) weighted_bias_gradient(queue, op);
  }
  if (op.dx != nullptr) {
    const Located dx = input_product(op);
    multiply(queue, dx.product, dx.at, op.choice.algorithm);
    if (op.input_slope != 1.0f)
      leaky_relu_backward(queue, op.dx, op.x, op.shape.batch * op.shape.in, op.input_slope);
  }
  return true;
}

int linear_library_algorithms(const LinearForward& op) {
  const Located y = output_product(op);
  return algorithms_of(y.product, y.at);
}

int linear_library_algorithms(const LinearTangent& op) {
  const Located y = output_product(op);
  return algorithms_of(y.product, y.at);
}

int linear_library_algorithms(const LinearBackward& op) {
  int least = kMostAlgorithms;
  if (op.dweight != nullptr) {
    const Located dweight = weight_product(op);
    least = std::min(least, algorithms_of(dweight.product, dweight.at));
  }
  if (op.dx != nullptr) {
    const Located dx = input_product(op);
    least = std::min(least, algorithms_of(dx.product, dx.at));
  }
  return least;
}

std::string linear_library_version() {
  const CublasLt* const lt = cublaslt();
  std::string versions = lt == nullptr ? std::string() : "cuBLASLt " + std::to_string(lt->version());
  const std::string fused = linear_fused_version();
  if (!versions.empty() && !fused.empty()) versions += ", ";
  return versions + fused;
}

}  // namespace agon::kernels::cuda
