#include "kernels/cuda/library/cublaslt.hpp"

#include <string>

#include "kernels/cuda/library/loader.hpp"

namespace agon::kernels::cuda {
namespace {

bool load(CublasLt& table) {
  void* const library =
      open_library("libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR), AGON_CUDA_LIBRARY_DIR);
  return library != nullptr && find(library, "cublasLtGetVersion", table.version) &&
         find(library, "cublasLtCreate", table.create) && find(library, "cublasLtMatmul", table.matmul) &&
         find(library, "cublasLtMatmulAlgoGetHeuristic", table.get_heuristic) &&
         find(library, "cublasLtMatmulDescCreate", table.create_operation) &&
         find(library, "cublasLtMatmulDescDestroy", table.destroy_operation) &&
         find(library, "cublasLtMatmulDescSetAttribute", table.set_operation) &&
         find(library, "cublasLtMatrixLayoutCreate", table.create_layout) &&
         find(library, "cublasLtMatrixLayoutDestroy", table.destroy_layout) &&
         find(library, "cublasLtMatmulPreferenceCreate", table.create_preference) &&
         find(library, "cublasLtMatmulPreferenceDestroy", table.destroy_preference) &&
         find(library, "cublasLtMatmulPreferenceSetAttribute", table.set_preference);
}

}  // namespace

const CublasLt* cublaslt() noexcept { return library_table<CublasLt, load>(); }

}  // namespace agon::kernels::cuda
