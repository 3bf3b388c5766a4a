#include "kernels/cuda/cublaslt.hpp"

#include <dlfcn.h>

#include <string>

namespace agon::kernels::cuda {
namespace {

void* open_library() {
  const std::string name = "libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR);
  if (void* const library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  return dlopen((AGON_CUDA_LIBRARY_DIR "/" + name).c_str(), RTLD_NOW | RTLD_LOCAL);
}

template <class Function>
bool find(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  return function != nullptr;
}

bool load(CublasLt& table) {
  void* const library = open_library();
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

const CublasLt* cublaslt() noexcept {
  static CublasLt table;
  static const bool loaded = [] {
    try {
      return load(table);
    } catch (...) {  // no memory for a name
      return false;
    }
  }();
  return loaded ? &table : nullptr;
}

}  // namespace agon::kernels::cuda
