// Linear layers by cuBLASLt. Source: cuBLAS documentation, "Using the cuBLASLt API".
//
// The library counts in columns: a row-major (r, c) matrix is its (c, r) matrix with leading dimension c. So
//   forward   y^T (out, batch)      = weight^T^T (out, in)  x^T (in, batch)        + bias down each column
//   dx^T (in, batch)                = weight^T (in, out)    dz^T (out, batch)
//   dweight^T (in, out)             = x^T (in, batch)       dz^T^T (batch, out)    dbias = sums of dz over
//   the batch
#include <algorithm>
#include <compare>
#include <map>
#include <mutex>
#include <string>

#include "kernels/cuda/check.hpp"
#include "kernels/cuda/cublaslt.hpp"
#include "kernels/cuda/linear_routes.hpp"

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

/// The largest power of two, up to 256, that divides the address.
std::uint32_t alignment_of(const void* pointer) {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  return static_cast<std::uint32_t>(std::min<std::uintptr_t>(256, address & (~address + 1)));
}

/// A product's descriptors and algorithm. Those that no algorithm serves stay in the cache too, as unusable.
struct Plan {
  cublasLtMatmulDesc_t operation = nullptr;
  cublasLtMatrixLayout_t a = nullptr, b = nullptr, d = nullptr;
  cublasLtMatmulAlgo_t algorithm{};
  bool usable = false;
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

void describe(const CublasLt& lt, const Product& product, Plan& plan) {
  AGON_CUBLASLT_CHECK(lt.create_operation(&plan.operation, compute_type(product.precision), CUDA_R_32F));
  const auto set = [&](cublasLtMatmulDescAttributes_t what, const auto& value) {
    AGON_CUBLASLT_CHECK(lt.set_operation(plan.operation, what, &value, sizeof value));
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
  layout(&plan.a, product.m, product.k, product.transpose_a);
  layout(&plan.b, product.k, product.n, product.transpose_b);
  layout(&plan.d, product.m, product.n, false);
}

/// Asks for the algorithm expected to be the fastest among those that give the same bits every time.
bool choose_algorithm(const CublasLt& lt, cublasLtHandle_t handle, const Product& product,
                      std::size_t workspace, Plan& plan) {
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
  cublasLtMatmulHeuristicResult_t best{};
  int found = 0;
  if (status == CUBLAS_STATUS_SUCCESS) {
    status = lt.get_heuristic(handle, plan.operation, plan.a, plan.b, plan.d, plan.d, preference, 1, &best,
                              &found);
  }
  static_cast<void>(lt.destroy_preference(preference));
  plan.algorithm = best.algo;
  return status == CUBLAS_STATUS_SUCCESS && found == 1 && best.state == CUBLAS_STATUS_SUCCESS;
}

/// Handles and plans of the process; they live as long as it, for the driver may be gone when statics are
/// destroyed.
struct Cache {
  std::mutex mutex;
  std::map<int, cublasLtHandle_t> handles;
  std::map<Product, Plan> plans;
};

Cache& cache() {
  static auto* const the_cache = new Cache;
  return *the_cache;
}

/// The device's handle; null where the library will not make one. Called with the cache locked.
cublasLtHandle_t handle_for(const CublasLt& lt, int device) {
  const auto [entry, fresh] = cache().handles.try_emplace(device, nullptr);
  if (fresh && lt.create(&entry->second) != CUBLAS_STATUS_SUCCESS) entry->second = nullptr;
  return entry->second;
}

/// The product's plan, made where it is new. A product whose plan is under way is enqueued before another
/// thread points the descriptor at its own bias.
const Plan* plan_for(const CublasLt& lt, cublasLtHandle_t handle, const Product& product, const void* bias,
                     std::size_t workspace) {
  const auto [entry, fresh] = cache().plans.try_emplace(product);
  Plan& plan = entry->second;
  if (fresh) describe(lt, product, plan);
  if (bias != nullptr) {
    AGON_CUBLASLT_CHECK(
        lt.set_operation(plan.operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, sizeof bias));
  }
  if (fresh) plan.usable = choose_algorithm(lt, handle, product, workspace, plan);
  return plan.usable ? &plan : nullptr;
}

/// Enqueues a product; false, with nothing enqueued, where the library has none to offer.
bool multiply(QueueView queue, Product product, const Pointers& at) {
  const CublasLt* const lt = cublaslt();
  if (lt == nullptr) return false;
  AGON_CUDA_CHECK(cudaGetDevice(&product.device));
  product.alignment_a = alignment_of(at.a);
  product.alignment_b = alignment_of(at.b);
  product.alignment_d = alignment_of(at.d);
  const std::lock_guard lock(cache().mutex);
  const cublasLtHandle_t handle = handle_for(*lt, product.device);
  if (handle == nullptr) return false;
  const Plan* const plan = plan_for(*lt, handle, product, at.bias, kWorkspaceBytes);
  if (plan == nullptr) return false;
  const float one = 1.0f, zero = 0.0f;
  AGON_CUBLASLT_CHECK(lt->matmul(handle, plan->operation, &one, at.a, plan->a, at.b, plan->b, &zero, at.d,
                                 plan->d, at.d, plan->d, &plan->algorithm, queue.workspace, kWorkspaceBytes,
                                 static_cast<cudaStream_t>(queue.stream)));
  return true;
}

}  // namespace

bool linear_forward_library(QueueView queue, const LinearForward& op) {
  const auto& [batch, in, out] = op.shape;
  Product product{.m = out, .n = batch, .k = in, .transpose_a = true};
  product.epilogue = CUBLASLT_EPILOGUE_BIAS;
  product.precision = op.precision;
  if (!multiply(queue, product, {op.weight, op.x, op.y, op.bias})) return false;
  if (op.slope != 1.0f) leaky_relu(queue, op.y, batch * out, op.slope);
  return true;
}

bool linear_backward_library(QueueView queue, const LinearBackward& op) {
  const auto& [batch, in, out] = op.shape;
  if (op.dweight != nullptr) {
    Product product{.m = in, .n = out, .k = batch, .transpose_b = true};
    product.epilogue = CUBLASLT_EPILOGUE_BGRADB;
    product.precision = op.precision;
    if (!multiply(queue, product, {op.x, op.dz, op.dweight, op.dbias})) return false;
  }
  if (op.dx != nullptr) {
    Product product{.m = in, .n = batch, .k = out};
    product.precision = op.precision;
    if (!multiply(queue, product, {op.weight, op.dz, op.dx, nullptr})) return false;
    if (op.input_slope != 1.0f) leaky_relu_backward(queue, op.dx, op.x, batch * in, op.input_slope);
  }
  return true;
}

}  // namespace agon::kernels::cuda
