// Linear layers by cuDNN, one kernel for a product and what follows it (fused_graph.hpp).
#include <algorithm>
#include <compare>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "kernels/cuda/device/check.hpp"
#include "kernels/cuda/library/cudnn.hpp"
#include "kernels/cuda/library/fused_graph.hpp"
#include "kernels/cuda/library/loader.hpp"
#include "kernels/cuda/linear/backends.hpp"

namespace agon::kernels::cuda {
namespace {

struct Key {
  int device = 0;
  FusedProduct product;

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

FusedGraph* graph_for(const Cudnn& cudnn, cudnnHandle_t handle, const Key& key) {
  const auto [entry, fresh] = cache().graphs.try_emplace(key);
  if (!fresh) return entry->second.get();
  try {
    entry->second = std::make_unique<FusedGraph>(cudnn, FusedTarget{.handle = handle}, key.product);
  } catch (const DeviceError&) {  // no such graph on this device: no algorithm
  }
  return entry->second.get();
}

/// use(library, handle, graph) for a product, with the cache locked; what that returns, nothing where there
/// is no such graph.
template <class Use>
auto with_graph(FusedProduct product, const FusedOperands& at, const Use& use)
    -> decltype(use(std::declval<const Cudnn&>(), cudnnHandle_t(), std::declval<FusedGraph&>())) {
  const Cudnn* const library = cudnn();
  if (library == nullptr) return {};
  Key key{.device = 0, .product = product};
  AGON_CUDA_CHECK(cudaGetDevice(&key.device));
  key.product.alignment_left = alignment_of(at.left);
  key.product.alignment_weight = alignment_of(at.weight);
  if (at.beside != nullptr) key.product.alignment_beside = alignment_of(at.beside);
  key.product.alignment_result = alignment_of(at.result);
  const std::lock_guard lock(cache().mutex);
  const cudnnHandle_t handle = handle_for(cache().handles, key.device, library->create);
  FusedGraph* const graph = handle == nullptr ? nullptr : graph_for(*library, handle, key);
  if (graph == nullptr) return {};
  return use(*library, handle, *graph);
}

std::vector<std::uint8_t> plans_of(const FusedProduct& product, const FusedOperands& at) {
  return with_graph(product, at, [](const Cudnn&, cudnnHandle_t, FusedGraph& graph) {
    std::vector<std::uint8_t> made;
    for (std::size_t i = 0; i < graph.size(); ++i)
      if (graph.algorithm(i).execution_plan) made.push_back(static_cast<std::uint8_t>(i));
    return made;
  });
}

/// Enqueues it; false, with nothing enqueued, where there is no such algorithm.
bool compute(QueueView queue, const FusedProduct& product, const FusedOperands& at, std::size_t index) {
  return with_graph(product, at, [&](const Cudnn& cudnn, cudnnHandle_t handle, FusedGraph& graph) {
    if (index >= graph.size()) return false;
    const FusedAlgorithm& algorithm = graph.algorithm(index);
    if (!algorithm.execution_plan) return false;
    const Descriptor pack = fused_pack(cudnn, at, queue.workspace);
    AGON_CUDNN_CHECK(cudnn, set_stream(handle, static_cast<cudaStream_t>(queue.stream)));
    AGON_CUDNN_CHECK(cudnn, execute(handle, algorithm.execution_plan->get(), pack.get()));
    return true;
  });
}

FusedProduct product_of(const LinearForward& op) { return {.shape = op.shape, .slope = op.slope}; }
FusedOperands pointers_of(const LinearForward& op) { return {op.x, op.weight, op.bias, op.y}; }

FusedProduct product_of(const LinearBackward& op) {
  return {.shape = op.shape, .forward = false, .slope = op.input_slope};
}
FusedOperands pointers_of(const LinearBackward& op) {
  return {op.dz, op.weight, op.input_slope == 1.0f ? nullptr : op.x, op.dx};
}

}  // namespace

bool linear_forward_fused(QueueView queue, const LinearForward& op) {
  return compute(queue, product_of(op), pointers_of(op), op.choice.algorithm);
}
bool linear_backward_fused(QueueView queue, const LinearBackward& op) {
  return compute(queue, product_of(op), pointers_of(op), op.choice.algorithm);
}

std::vector<std::uint8_t> linear_fused_algorithms(const LinearForward& op) {
  return plans_of(product_of(op), pointers_of(op));
}
std::vector<std::uint8_t> linear_fused_algorithms(const LinearBackward& op) {
  return plans_of(product_of(op), pointers_of(op));
}

std::string linear_fused_version() {
  const Cudnn* const library = cudnn();
  return library == nullptr ? std::string() : "cuDNN " + std::to_string(library->version());
}

}  // namespace agon::kernels::cuda
