// Linear layers by cuDNN, one kernel for a product and what follows it (fused_graph.hpp).
#include <array>
#include <compare>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "kernels/cuda/check.hpp"
#include "kernels/cuda/cudnn.hpp"
#include "kernels/cuda/fused_graph.hpp"
#include "kernels/cuda/linear_routes.hpp"

namespace agon::kernels::cuda {
namespace {

/// The matrices, in the order of FusedTensor. `beside` may be null, and is then not part of the graph.
struct Pointers {
  const float *left, *weight, *beside;
  float* result;
};

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

/// The largest power of two, up to 16, that divides the address: a list of plans is to be the same wherever
/// in an arena the operands lie.
std::int64_t alignment_of(const void* pointer) {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  return static_cast<std::int64_t>(std::min<std::uintptr_t>(16, address & (~address + 1)));
}

/// The device's handle; null where the library will not make one. Called with the cache locked.
cudnnHandle_t handle_for(const Cudnn& cudnn, int device) {
  const auto [entry, fresh] = cache().handles.try_emplace(device, nullptr);
  if (fresh && cudnn.create(&entry->second) != CUDNN_STATUS_SUCCESS) entry->second = nullptr;
  return entry->second;
}

FusedGraph* graph_for(const Cudnn& cudnn, cudnnHandle_t handle, const Key& key) {
  const auto [entry, fresh] = cache().graphs.try_emplace(key);
  if (!fresh) return entry->second.get();
  try {
    entry->second = std::make_unique<FusedGraph>(cudnn, FusedTarget{.handle = handle}, key.product);
  } catch (const DeviceError&) {  // no such graph on this device: no way
  }
  return entry->second.get();
}

/// use(library, handle, graph) for a product, with the cache locked; what that returns, nothing where there
/// is no such graph.
template <class Use>
auto with_graph(FusedProduct product, const Pointers& at, const Use& use)
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
  const cudnnHandle_t handle = handle_for(*library, key.device);
  FusedGraph* const graph = handle == nullptr ? nullptr : graph_for(*library, handle, key);
  if (graph == nullptr) return {};
  return use(*library, handle, *graph);
}

std::vector<std::uint8_t> plans_of(const FusedProduct& product, const Pointers& at) {
  return with_graph(product, at, [](const Cudnn&, cudnnHandle_t, FusedGraph& graph) {
    std::vector<std::uint8_t> made;
    for (std::size_t i = 0; i < graph.size(); ++i)
      if (graph.plan(i).plan) made.push_back(static_cast<std::uint8_t>(i));
    return made;
  });
}

void execute(const Cudnn& cudnn, cudnnHandle_t handle, QueueView queue, const Descriptor& plan,
             const Pointers& at) {
  const std::array<std::int64_t, 4> names{kFusedLeft, kFusedWeight, kFusedResult, kFusedBeside};
  const std::array<const void*, 4> pointers{at.left, at.weight, at.result, at.beside};
  const std::size_t count = at.beside == nullptr ? 3 : 4;
  Descriptor pack(cudnn, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64,
           std::span<const std::int64_t>(names.data(), count));
  pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR,
           std::span<const void* const>(pointers.data(), count));
  pack.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, static_cast<void*>(queue.workspace));
  pack.finalize();
  AGON_CUDNN_CHECK(cudnn, set_stream(handle, static_cast<cudaStream_t>(queue.stream)));
  AGON_CUDNN_CHECK(cudnn, execute(handle, plan.get(), pack.get()));
}

/// Enqueues it; false, with nothing enqueued, where there is no such plan.
bool compute(QueueView queue, const FusedProduct& product, const Pointers& at, std::size_t index) {
  return with_graph(product, at, [&](const Cudnn& cudnn, cudnnHandle_t handle, FusedGraph& graph) {
    if (index >= graph.size()) return false;
    const FusedPlan& way = graph.plan(index);
    if (way.plan) execute(cudnn, handle, queue, *way.plan, at);
    return way.plan.has_value();
  });
}

FusedProduct product_of(const LinearForward& op) { return {.shape = op.shape, .slope = op.slope}; }
Pointers pointers_of(const LinearForward& op) { return {op.x, op.weight, op.bias, op.y}; }

FusedProduct product_of(const LinearBackward& op) {
  return {.shape = op.shape, .forward = false, .slope = op.input_slope};
}
Pointers pointers_of(const LinearBackward& op) {
  return {op.dz, op.weight, op.input_slope == 1.0f ? nullptr : op.x, op.dx};
}

}  // namespace

bool linear_forward_fused(QueueView queue, const LinearForward& op) {
  return compute(queue, product_of(op), pointers_of(op), op.choice.algorithm);
}
bool linear_backward_fused(QueueView queue, const LinearBackward& op) {
  return compute(queue, product_of(op), pointers_of(op), op.choice.algorithm);
}

std::vector<std::uint8_t> linear_fused_plans(const LinearForward& op) {
  return plans_of(product_of(op), pointers_of(op));
}
std::vector<std::uint8_t> linear_fused_plans(const LinearBackward& op) {
  return plans_of(product_of(op), pointers_of(op));
}

std::string linear_fused_version() {
  const Cudnn* const library = cudnn();
  return library == nullptr ? std::string() : "cuDNN " + std::to_string(library->version());
}

}  // namespace agon::kernels::cuda
