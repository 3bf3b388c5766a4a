#include "kernels/cuda/library/cudnn.hpp"

#include "kernels/cuda/library/loader.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr std::size_t kOldest = 90800;  // the first that plans for a described device

bool load(Cudnn& table) {
  void* const library = open_library("libcudnn.so." + std::to_string(CUDNN_MAJOR), AGON_CUDNN_LIBRARY_DIR);
  return library != nullptr && find(library, "cudnnGetVersion", table.version) &&
         table.version() >= kOldest && find(library, "cudnnGetErrorString", table.text_of) &&
         find(library, "cudnnGetLastErrorString", table.last_error) &&
         find(library, "cudnnCreate", table.create) && find(library, "cudnnSetStream", table.set_stream) &&
         find(library, "cudnnBackendCreateDescriptor", table.create_descriptor) &&
         find(library, "cudnnBackendDestroyDescriptor", table.destroy_descriptor) &&
         find(library, "cudnnBackendSetAttribute", table.set_attribute) &&
         find(library, "cudnnBackendGetAttribute", table.get_attribute) &&
         find(library, "cudnnBackendFinalize", table.finalize) &&
         find(library, "cudnnBackendExecute", table.execute);
}

}  // namespace

const Cudnn* cudnn() noexcept { return library_table<Cudnn, load>(); }

}  // namespace agon::kernels::cuda
