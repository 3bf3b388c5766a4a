#include "kernels/cuda/library/fused_graph.hpp"

#include <algorithm>
#include <array>

#include "kernels/queue.hpp"

namespace agon::kernels::cuda {
namespace {

/// Between two operations of a graph; never in memory.
enum Virtual : std::int64_t { kProduct = kFusedResult + 1, kSum };

struct Matrix {
  std::int64_t name, rows, columns, row_stride, column_stride;
  std::int64_t alignment = 16;  // bytes
};

/// Writes the graph's descriptors into `parts`, which no two calls share.
class Builder {
 public:
  Builder(const Cudnn& cudnn, std::vector<Descriptor>& parts) : cudnn_(cudnn), parts_(parts) {
    parts_.reserve(32);  // references to parts stay
  }

  const Descriptor& tensor(const Matrix& matrix) {
    Descriptor& tensor = part(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    const std::array sizes{std::int64_t{1}, matrix.rows, matrix.columns};
    const std::array strides{std::max(matrix.rows * matrix.row_stride, matrix.columns * matrix.column_stride),
                             matrix.row_stride, matrix.column_stride};
    tensor.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, matrix.name);
    tensor.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
    tensor.set(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, std::span<const std::int64_t>(sizes));
    tensor.set(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, std::span<const std::int64_t>(strides));
    tensor.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, matrix.alignment);
    tensor.set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, matrix.name > kFusedResult);
    tensor.finalize();
    return tensor;
  }

  void multiply(const Descriptor& left, const Descriptor& right, const Descriptor& result) {
    Descriptor& product = part(CUDNN_BACKEND_MATMUL_DESCRIPTOR);
    product.set(CUDNN_ATTR_MATMUL_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
    product.finalize();
    Descriptor& operation = part(CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR);
    operation.set(CUDNN_ATTR_OPERATION_MATMUL_DESC, product);
    operation.set(CUDNN_ATTR_OPERATION_MATMUL_ADESC, left);
    operation.set(CUDNN_ATTR_OPERATION_MATMUL_BDESC, right);
    operation.set(CUDNN_ATTR_OPERATION_MATMUL_CDESC, result);
    add(operation);
  }

  void add_bias(const Descriptor& matrix, const Descriptor& bias, const Descriptor& result) {
    Descriptor& operation = elementwise(CUDNN_POINTWISE_ADD, 1.0f);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, matrix);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, bias);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, result);
    add(operation);
  }

  void leaky_relu(const Descriptor& z, const Descriptor& y, float slope) {
    Descriptor& operation = elementwise(CUDNN_POINTWISE_RELU_FWD, slope);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, z);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    add(operation);
  }

  /// cuDNN reads the sign of what went into the activation; what came out has the same.
  void leaky_relu_backward(const Descriptor& x, const Descriptor& dy, const Descriptor& dx, float slope) {
    Descriptor& operation = elementwise(CUDNN_POINTWISE_RELU_BWD, slope);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_DYDESC, dy);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_DXDESC, dx);
    add(operation);
  }

  const Descriptor& graph(const FusedTarget& target) {
    Descriptor& graph = part(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    if (target.handle != nullptr)
      graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, target.handle);
    graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
              std::span<const cudnnBackendDescriptor_t>(operations_));
    graph.finalize();
    return graph;
  }

  Descriptor& part(cudnnBackendDescriptorType_t type) { return parts_.emplace_back(cudnn_, type); }

 private:
  Descriptor& elementwise(cudnnPointwiseMode_t mode, float slope) {
    Descriptor& kind = part(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    kind.set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode);
    kind.set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
    if (mode != CUDNN_POINTWISE_ADD)
      kind.set(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, CUDNN_TYPE_DOUBLE, double{slope});
    kind.finalize();
    Descriptor& operation = part(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, kind);
    return operation;
  }
  void add(Descriptor& operation) {
    operation.finalize();
    operations_.push_back(operation.get());
  }

  const Cudnn& cudnn_;
  std::vector<Descriptor>& parts_;
  std::vector<cudnnBackendDescriptor_t> operations_;
};

void describe_forward(Builder& builder, const FusedProduct& p) {
  const auto& [batch, in, out] = p.shape;
  const Descriptor& x = builder.tensor({kFusedLeft, batch, in, in, 1, p.alignment_left});
  const Descriptor& transposed = builder.tensor({kFusedWeight, in, out, 1, in, p.alignment_weight});
  const Descriptor& bias = builder.tensor({kFusedBeside, 1, out, out, 1, p.alignment_beside});
  const Descriptor& product = builder.tensor({kProduct, batch, out, out, 1});
  const Descriptor& y = builder.tensor({kFusedResult, batch, out, out, 1, p.alignment_result});
  builder.multiply(x, transposed, product);
  if (p.slope == 1.0f) return builder.add_bias(product, bias, y);
  const Descriptor& sum = builder.tensor({kSum, batch, out, out, 1});
  builder.add_bias(product, bias, sum);
  builder.leaky_relu(sum, y, p.slope);
}

void describe_input_gradient(Builder& builder, const FusedProduct& p) {
  const auto& [batch, in, out] = p.shape;
  const Descriptor& dz = builder.tensor({kFusedLeft, batch, out, out, 1, p.alignment_left});
  const Descriptor& weight = builder.tensor({kFusedWeight, out, in, in, 1, p.alignment_weight});
  const Descriptor& dx = builder.tensor({kFusedResult, batch, in, in, 1, p.alignment_result});
  if (p.slope == 1.0f) return builder.multiply(dz, weight, dx);
  const Descriptor& product = builder.tensor({kProduct, batch, in, in, 1});
  const Descriptor& x = builder.tensor({kFusedBeside, batch, in, in, 1, p.alignment_beside});
  builder.multiply(dz, weight, product);
  builder.leaky_relu_backward(x, product, dx, p.slope);
}

/// Products of factors rounded to TF32 and nothing further, on tensor cores, summed in an order of their own.
bool is_tf32(const std::vector<cudnnBackendNumericalNote_t>& notes) {
  return std::find(notes.begin(), notes.end(), CUDNN_NUMERICAL_NOTE_TENSOR_CORE) != notes.end() &&
         std::all_of(notes.begin(), notes.end(), [](auto note) {
           return note == CUDNN_NUMERICAL_NOTE_TENSOR_CORE || note == CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP;
         });
}

bool fits_a_graph(const std::vector<cudnnBackendBehaviorNote_t>& notes) {
  return std::find(notes.begin(), notes.end(), CUDNN_BEHAVIOR_NOTE_SUPPORTS_CUDA_GRAPH_NATIVE_API) !=
         notes.end();
}

}  // namespace

Descriptor fused_pack(const Cudnn& cudnn, const FusedOperands& at, void* workspace) {
  const std::array<std::int64_t, 4> names{kFusedLeft, kFusedWeight, kFusedResult, kFusedBeside};
  const std::array<const void*, 4> pointers{at.left, at.weight, at.result, at.beside};
  const std::size_t count = at.beside == nullptr ? 3 : 4;
  Descriptor pack(cudnn, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64,
           std::span<const std::int64_t>(names.data(), count));
  pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR,
           std::span<const void* const>(pointers.data(), count));
  pack.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, workspace);
  pack.finalize();
  return pack;
}

FusedGraph::FusedGraph(const Cudnn& cudnn, const FusedTarget& target, const FusedProduct& product)
    : cudnn_(cudnn), target_(target) {
  Builder builder(cudnn, parts_);
  product.forward ? describe_forward(builder, product) : describe_input_gradient(builder, product);
  const Descriptor& graph = builder.graph(target);
  Descriptor& heuristics = builder.part(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, CUDNN_HEUR_MODE_A);
  if (target.described != nullptr) heuristics.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target.described);
  heuristics.finalize();
  std::vector<Descriptor> configurations;
  std::vector<cudnnBackendDescriptor_t> into;
  while (configurations.size() < 2 * kMostFused)
    into.push_back(configurations.emplace_back(cudnn, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).get());
  const std::size_t found = heuristics.get(CUDNN_ATTR_ENGINEHEUR_RESULTS, into);
  for (std::size_t i = 0; i < found && algorithms_.size() < kMostFused; ++i)
    add_algorithm(std::move(configurations[i]));
}

void FusedGraph::add_algorithm(Descriptor configuration) {
  constexpr std::size_t kMostNotes = 32;
  Descriptor engine(cudnn_, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  if (target_.described != nullptr) engine.set(CUDNN_ATTR_ENGINE_DEVICEPROP, *target_.described);
  const cudnnBackendDescriptor_t into[] = {engine.get()};
  if (configuration.get(CUDNN_ATTR_ENGINECFG_ENGINE, into) != 1) return;
  Algorithm algorithm{std::move(configuration), {}};
  algorithm.made.engine = engine.get<std::int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64).at(0);
  algorithm.made.numerics = engine.get<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                                                    CUDNN_TYPE_NUMERICAL_NOTE, kMostNotes);
  algorithm.made.behaviour = engine.get<cudnnBackendBehaviorNote_t>(CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE,
                                                                    CUDNN_TYPE_BEHAVIOR_NOTE, kMostNotes);
  if (!is_tf32(algorithm.made.numerics)) algorithm.made.refusal = "its products are not TF32's";
  if (!fits_a_graph(algorithm.made.behaviour)) algorithm.made.refusal = "no CUDA graph can hold it";
  algorithm.tried = !algorithm.made.refusal.empty();
  algorithms_.push_back(std::move(algorithm));
}

const FusedAlgorithm& FusedGraph::algorithm(std::size_t index) {
  Algorithm& algorithm = algorithms_.at(index);
  if (!std::exchange(algorithm.tried, true)) finish(algorithm);
  return algorithm.made;
}

void FusedGraph::finish(Algorithm& algorithm) {
  try {
    Descriptor execution_plan(cudnn_, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    if (target_.handle != nullptr)
      execution_plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, target_.handle);
    if (target_.described != nullptr)
      execution_plan.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *target_.described);
    execution_plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, algorithm.configuration);
    execution_plan.finalize();
    algorithm.made.workspace_bytes =
        execution_plan.get<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64).at(0);
    if (algorithm.made.workspace_bytes > static_cast<std::int64_t>(kWorkspaceBytes))
      algorithm.made.refusal =
          "needs " + std::to_string(algorithm.made.workspace_bytes) + " bytes of workspace";
    else
      algorithm.made.execution_plan = std::move(execution_plan);
  } catch (const DeviceError& error) {
    algorithm.made.refusal = error.what();
  }
}

}  // namespace agon::kernels::cuda
