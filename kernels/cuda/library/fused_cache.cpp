#include "kernels/cuda/library/fused_cache.hpp"

#include <compare>
#include <map>
#include <memory>
#include <mutex>

#include "kernels/cuda/device/check.hpp"
#include "kernels/cuda/library/cudnn.hpp"
#include "kernels/cuda/library/loader.hpp"
#include "kernels/cuda/linear/backends.hpp"
#include "kernels/error.hpp"
#include "kernels/layer_choice.hpp"

namespace agon::kernels::cuda {
namespace {

struct Key {
  int device = 0;
  FusedDescription description;

  auto operator<=>(const Key&) const = default;
};

/// Handles and graphs of the process; they live as long as it, for the driver may be gone when statics are
/// destroyed. A graph is null where cuDNN does not take it.
struct Cache {
  std::mutex mutex;
  std::map<int, cudnnHandle_t> handles;
  std::map<Key, std::unique_ptr<FusedGraph>> graphs;
};

Cache& cache() {
  static auto* const the_cache = new Cache;
  return *the_cache;
}

/// While a stream of this thread's is captured, the memory and modules that cuDNN takes for handles and plans
/// are none of the capture's. Source: CUDA Runtime API, cudaThreadExchangeStreamCaptureMode().
class BesideCapture {
 public:
  BesideCapture() { AGON_CUDA_CHECK(cudaThreadExchangeStreamCaptureMode(&mode_)); }
  BesideCapture(const BesideCapture&) = delete;
  BesideCapture& operator=(const BesideCapture&) = delete;
  ~BesideCapture() { static_cast<void>(cudaThreadExchangeStreamCaptureMode(&mode_)); }

 private:
  cudaStreamCaptureMode mode_ = cudaStreamCaptureModeRelaxed;
};

FusedGraph* graph_for(const Cudnn& cudnn, cudnnHandle_t handle, const Key& key) {
  const auto [entry, fresh] = cache().graphs.try_emplace(key);
  if (!fresh) return entry->second.get();
  try {
    entry->second = std::make_unique<FusedGraph>(cudnn, FusedTarget{.handle = handle}, key.description);
  } catch (const DeviceError&) {  // no such graph on this device: no algorithm
  }
  return entry->second.get();
}

/// use(library, handle, graph) for what is described, with the cache locked; what that returns, nothing where
/// there is no such graph.
template <class Use>
auto with_graph(FusedDescription description, const FusedOperands& at, const Use& use)
    -> decltype(use(std::declval<const Cudnn&>(), cudnnHandle_t(), std::declval<FusedGraph&>())) {
  const Cudnn* const library = cudnn();
  if (library == nullptr) return {};
  std::visit(
      [&](auto& graph) {
        graph.alignment.left = alignment_of(at.left);
        graph.alignment.weight = alignment_of(at.weight);
        if (at.beside != nullptr) graph.alignment.beside = alignment_of(at.beside);
        graph.alignment.result = alignment_of(at.result);
      },
      description);
  Key key{.device = 0, .description = description};
  AGON_CUDA_CHECK(cudaGetDevice(&key.device));
  const BesideCapture beside;
  const std::lock_guard lock(cache().mutex);
  const cudnnHandle_t handle = handle_for(cache().handles, key.device, library->create);
  FusedGraph* const graph = handle == nullptr ? nullptr : graph_for(*library, handle, key);
  if (graph == nullptr) return {};
  return use(*library, handle, *graph);
}

}  // namespace

std::vector<std::uint8_t> fused_plans(FusedDescription description, const FusedOperands& at) {
  return with_graph(description, at, [](const Cudnn&, cudnnHandle_t, FusedGraph& graph) {
    std::vector<std::uint8_t> made;
    for (std::size_t i = 0; i < graph.size() && made.size() < kMostFused; ++i)
      if (graph.algorithm(i).execution_plan) made.push_back(static_cast<std::uint8_t>(i));
    return made;
  });
}

bool fused_compute(QueueView queue, FusedDescription description, const FusedOperands& at,
                   std::size_t number) {
  return with_graph(description, at, [&](const Cudnn& cudnn, cudnnHandle_t handle, FusedGraph& graph) {
    if (number >= graph.size()) return false;
    const FusedAlgorithm& algorithm = graph.algorithm(number);
    if (!algorithm.execution_plan) return false;
    const Descriptor pack = fused_pack(cudnn, at, queue.workspace);
    AGON_CUDNN_CHECK(cudnn, set_stream(handle, static_cast<cudaStream_t>(queue.stream)));
    AGON_CUDNN_CHECK(cudnn, execute(handle, algorithm.execution_plan->get(), pack.get()));
    return true;
  });
}

std::string fused_version() {
  const Cudnn* const library = cudnn();
  return library == nullptr ? std::string() : "cuDNN " + std::to_string(library->version());
}

}  // namespace agon::kernels::cuda
