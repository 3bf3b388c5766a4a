// Tensor cores: their peak from registers by mma.sync, and what cuBLASLt makes of a large product.
#include <cuda_bf16.h>

#include <cstdint>

#include "bench/probes/probe.hpp"
#include "kernels/cuda/library/cublaslt.hpp"

namespace agon::probes {
namespace {

constexpr int kThreads = 256;
constexpr int kChains = 8;  // independent sums of a warp
constexpr int kTurns = 4096;
constexpr std::int64_t kSide = 8192;
constexpr std::size_t kWorkspace = std::size_t{64} << 20;

struct Fragments {
  std::uint32_t a[4], b[2];
};

/// d += a b, fragments as in PTX ISA, "Matrix fragments for mma.m16n8k8" and "m16n8k16".
template <bool Bf16>
__device__ __forceinline__ void multiply(float (&d)[4], const Fragments& f) {
#if __CUDA_ARCH__ >= 800
  if constexpr (Bf16) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(f.a[0]), "r"(f.a[1]), "r"(f.a[2]), "r"(f.a[3]), "r"(f.b[0]), "r"(f.b[1]));
  } else {
    asm volatile(
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(f.a[0]), "r"(f.a[1]), "r"(f.a[2]), "r"(f.a[3]), "r"(f.b[0]), "r"(f.b[1]));
  }
#endif
}

template <bool Bf16>
__global__ void __launch_bounds__(kThreads) multiply_kernel(float* out, int turns) {
  float d[kChains][4] = {};
  Fragments f;
  // Pairs of bf16, or tf32 with more mantissa, from 1 to 1.5.
  for (unsigned i = 0; i < 4; ++i)
    f.a[i] = 0x3f803f80u + ((threadIdx.x * 0x50003u + i * 0x30007u) & 0x3f003fu);
  for (unsigned i = 0; i < 2; ++i)
    f.b[i] = 0x3f803f80u + ((threadIdx.x * 0x70005u + i * 0xb000du) & 0x3f003fu);
  for (int turn = 0; turn < turns; ++turn)
#pragma unroll
    for (int chain = 0; chain < kChains; ++chain) multiply<Bf16>(d[chain], f);
  float sum = 0;
  for (int chain = 0; chain < kChains; ++chain)
    for (int i = 0; i < 4; ++i) sum += d[chain][i];
  out[blockIdx.x * kThreads + threadIdx.x] = sum;
}

/// TFLOP/s of mma.sync with operands in registers.
template <bool Bf16>
Samples tensor_peak(int repeats) {
  need_capability(8, "tensor cores for tf32 and bf16");
  const int blocks = 2 * multiprocessors();
  const Memory out(sizeof(float) * static_cast<std::size_t>(blocks) * kThreads);
  Samples samples = repeat(repeats, 1, [&] {
    launch({.blocks = blocks, .threads = kThreads}, multiply_kernel<Bf16>, out.as<float>(), kTurns);
  });
  const double products = 2.0 * 16 * 8 * (Bf16 ? 16 : 8) * kChains * kTurns * (kThreads / 32) * blocks;
  for (double& value : samples.values) value = 1e-12 * products / value;
  samples.note = Bf16 ? "mma.sync m16n8k16; wgmma reaches more" : "mma.sync m16n8k8; wgmma reaches more";
  return samples;
}

/// Uniform in (-1, 1): products of zeros are faster than others.
template <class T>
__global__ void randomise_kernel(T* data, std::int64_t count) {
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count;
       i += stride) {
    std::uint32_t hash = static_cast<std::uint32_t>(i) * 2654435761u;
    hash = (hash ^ (hash >> 15)) * 2246822519u;
    data[i] = static_cast<T>(static_cast<float>(static_cast<std::int32_t>(hash)) * 4.6566129e-10f);
  }
}

void check_library(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw DeviceError(std::string(call) + " failed: cuBLAS status " +
                      std::to_string(static_cast<int>(status)));
}

/// A product of two kSide x kSide matrices as cuBLASLt's first choice; handles live as long as the process.
class Product {
 public:
  Product(const kernels::cuda::CublasLt& library, cudaDataType_t type, cublasComputeType_t compute)
      : lt_(library) {
    check_library(lt_.create(&handle_), "cublasLtCreate");
    check_library(lt_.create_operation(&operation_, compute, CUDA_R_32F), "cublasLtMatmulDescCreate");
    const cublasOperation_t transpose = CUBLAS_OP_T;
    check_library(lt_.set_operation(operation_, CUBLASLT_MATMUL_DESC_TRANSA, &transpose, sizeof transpose),
                  "transpose");
    check_library(lt_.create_layout(&layout_, type, kSide, kSide, kSide), "cublasLtMatrixLayoutCreate");
    cublasLtMatmulPreference_t preference = nullptr;
    check_library(lt_.create_preference(&preference), "cublasLtMatmulPreferenceCreate");
    const std::size_t bytes = kWorkspace;
    check_library(
        lt_.set_preference(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes, sizeof bytes),
        "workspace");
    int found = 0;
    check_library(lt_.get_heuristic(handle_, operation_, layout_, layout_, layout_, layout_, preference, 1,
                                    &best_, &found),
                  "cublasLtMatmulAlgoGetHeuristic");
    if (found == 0) throw DeviceError("cuBLASLt has no algorithm for the product");
  }

  void run(const void* a, const void* b, void* d, void* workspace) const {
    const float one = 1, zero = 0;
    check_library(lt_.matmul(handle_, operation_, &one, a, layout_, b, layout_, &zero, d, layout_, d, layout_,
                             &best_.algo, workspace, kWorkspace, stream()),
                  "cublasLtMatmul");
  }

 private:
  const kernels::cuda::CublasLt& lt_;
  cublasLtHandle_t handle_ = nullptr;
  cublasLtMatmulDesc_t operation_ = nullptr;
  cublasLtMatrixLayout_t layout_ = nullptr;
  cublasLtMatmulHeuristicResult_t best_{};
};

/// TFLOP/s of cuBLASLt on a kSide^3 product.
template <class T>
Samples library_product(int repeats, cudaDataType_t type, cublasComputeType_t compute) {
  const kernels::cuda::CublasLt* const library = kernels::cuda::cublaslt();
  if (library == nullptr) throw DeviceError("libcublasLt cannot be loaded");
  const std::size_t bytes = sizeof(T) * kSide * kSide;
  const Memory a(bytes), b(bytes), d(bytes), workspace(kWorkspace);
  for (const Memory* one : {&a, &b})
    launch({.blocks = 8 * multiprocessors(), .threads = 256}, randomise_kernel<T>, one->as<T>(),
           kSide * kSide);
  const Product product(*library, type, compute);
  Samples samples =
      repeat(repeats, 1, [&] { product.run(a.as<T>(), b.as<T>(), d.as<T>(), workspace.as<char>()); });
  for (double& value : samples.values) value = 1e-12 * 2.0 * kSide * kSide * kSide / value;
  samples.note = "8192 x 8192 x 8192, random operands";
  return samples;
}

}  // namespace

std::vector<Probe> arithmetic_probes() {
  return {
      {"tf32 peak, registers", "TFLOP/s", tensor_peak<false>},
      {"bf16 peak, registers", "TFLOP/s", tensor_peak<true>},
      {"cuBLASLt fp32", "TFLOP/s",
       [](int n) { return library_product<float>(n, CUDA_R_32F, CUBLAS_COMPUTE_32F); }},
      {"cuBLASLt tf32", "TFLOP/s",
       [](int n) { return library_product<float>(n, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32); }},
      {"cuBLASLt bf16", "TFLOP/s",
       [](int n) { return library_product<__nv_bfloat16>(n, CUDA_R_16BF, CUBLAS_COMPUTE_32F); }},
  };
}

}  // namespace agon::probes
