// cuBLASLt, loaded when first asked for: linking it would make a 541 MB library a need of every run.
#pragma once

#include <cublasLt.h>

namespace agon::kernels::cuda {

/// The library's functions that we call.
struct CublasLt {
  decltype(&cublasLtGetVersion) version;
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtMatmul) matmul;
  decltype(&cublasLtMatmulAlgoGetHeuristic) get_heuristic;
  decltype(&cublasLtMatmulDescCreate) create_operation;
  decltype(&cublasLtMatmulDescDestroy) destroy_operation;
  decltype(&cublasLtMatmulDescSetAttribute) set_operation;
  decltype(&cublasLtMatrixLayoutCreate) create_layout;
  decltype(&cublasLtMatrixLayoutDestroy) destroy_layout;
  decltype(&cublasLtMatmulPreferenceCreate) create_preference;
  decltype(&cublasLtMatmulPreferenceDestroy) destroy_preference;
  decltype(&cublasLtMatmulPreferenceSetAttribute) set_preference;
};

/// Null where libcublasLt.so of this build's major version cannot be loaded. Never unloaded. Safe from any
/// thread.
const CublasLt* cublaslt() noexcept;

}  // namespace agon::kernels::cuda
