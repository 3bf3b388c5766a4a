#include "kernels/cuda/library/fused_graph.hpp"

#include <algorithm>
#include <array>

#include "kernels/layer_choice.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::cuda {
namespace {

using Behind = FusedConvolution::Behind;

struct Matrix {
  std::int64_t name, rows, columns, row_stride, column_stride;
  std::int64_t alignment = 16;  // bytes
};

const Descriptor& matrix(GraphBuilder& builder, const Matrix& m) {
  const std::array sizes{std::int64_t{1}, m.rows, m.columns};
  const std::array strides{std::max(m.rows * m.row_stride, m.columns * m.column_stride), m.row_stride,
                           m.column_stride};
  return builder.tensor(m.name, sizes, strides, m.alignment);
}

void describe_forward(GraphBuilder& builder, const FusedProduct& p) {
  const auto& [batch, in, out] = p.shape;
  const Descriptor& x = matrix(builder, {kFusedLeft, batch, in, in, 1, p.alignment.left});
  const Descriptor& transposed = matrix(builder, {kFusedWeight, in, out, 1, in, p.alignment.weight});
  const Descriptor& bias = matrix(builder, {kFusedBeside, 1, out, out, 1, p.alignment.beside});
  const Descriptor& product = matrix(builder, {kProduct, batch, out, out, 1});
  const Descriptor& y = matrix(builder, {kFusedResult, batch, out, out, 1, p.alignment.result});
  builder.multiply(x, transposed, product);
  if (p.slope == 1.0f) return builder.add_bias(product, bias, y);
  const Descriptor& sum = matrix(builder, {kSum, batch, out, out, 1});
  builder.add_bias(product, bias, sum);
  builder.leaky_relu(sum, y, p.slope);
}

void describe_input_gradient(GraphBuilder& builder, const FusedProduct& p) {
  const auto& [batch, in, out] = p.shape;
  const Descriptor& dz = matrix(builder, {kFusedLeft, batch, out, out, 1, p.alignment.left});
  const Descriptor& weight = matrix(builder, {kFusedWeight, out, in, in, 1, p.alignment.weight});
  const Descriptor& dx = matrix(builder, {kFusedResult, batch, in, in, 1, p.alignment.result});
  if (p.slope == 1.0f) return builder.multiply(dz, weight, dx);
  const Descriptor& product = matrix(builder, {kProduct, batch, in, in, 1});
  const Descriptor& x = matrix(builder, {kFusedBeside, batch, in, in, 1, p.alignment.beside});
  builder.multiply(dz, weight, product);
  builder.leaky_relu_backward(x, product, dx, p.slope);
}

void describe(GraphBuilder& builder, const FusedProduct& p) {
  p.forward ? describe_forward(builder, p) : describe_input_gradient(builder, p);
}

/// What follows the convolution, whose results are `product`, images of that shape.
void describe_behind(GraphBuilder& builder, const FusedConvolution& c, const Descriptor& product,
                     const ImageShape& shape) {
  const std::int64_t batch = c.shape.batch, channels = shape.channels;
  if (c.behind == Behind::derivative) {
    const Descriptor& x = builder.image(kFusedBeside, batch, shape, c.alignment.beside);
    const Descriptor& dx = builder.image(kFusedResult, batch, shape, c.alignment.result);
    return builder.leaky_relu_backward(x, product, dx, c.slope);
  }
  const Descriptor& bias = builder.image(kFusedBeside, 1, {1, 1, channels}, c.alignment.beside);
  const Descriptor& y = builder.image(kFusedResult, batch, shape, c.alignment.result);
  if (c.slope == 1.0f) return builder.add_bias(product, bias, y);
  const Descriptor& sum = builder.image(kSum, batch, shape);
  builder.add_bias(product, bias, sum);
  builder.leaky_relu(sum, y, c.slope);
}

void describe(GraphBuilder& builder, const FusedConvolution& c) {
  const ConvolutionShape& s = c.shape;
  const auto& [left_bytes, weight_bytes, beside_bytes, result_bytes] = c.alignment;
  if (c.way == ConvolutionWay::weights) {
    const Descriptor& fine = builder.image(kFusedLeft, s.batch, s.fine, left_bytes);
    const Descriptor& coarse = builder.image(kFusedWeight, s.batch, s.coarse(), weight_bytes);
    return builder.convolve(c.way, s, fine, builder.filter(kFusedResult, s, result_bytes), coarse);
  }
  const bool down = c.way == ConvolutionWay::down, alone = c.behind == Behind::nothing;
  const ImageShape to = down ? s.coarse() : s.fine;
  const Descriptor& left = builder.image(kFusedLeft, s.batch, down ? s.fine : s.coarse(), left_bytes);
  const Descriptor& weight = builder.filter(kFusedWeight, s, weight_bytes);
  const Descriptor& product =
      builder.image(alone ? std::int64_t{kFusedResult} : std::int64_t{kProduct}, s.batch, to, result_bytes);
  builder.convolve(c.way, s, down ? left : product, weight, down ? product : left);
  if (!alone) describe_behind(builder, c, product, to);
}

template <class Note>
bool has(const std::vector<Note>& notes, Note note) {
  return std::find(notes.begin(), notes.end(), note) != notes.end();
}

/// Products of factors rounded to TF32 and nothing further, on tensor cores, summed in an order of their own;
/// or in fp32, by no transform.
bool is_in(bool tensor_cores, const std::vector<cudnnBackendNumericalNote_t>& notes) {
  return has(notes, CUDNN_NUMERICAL_NOTE_TENSOR_CORE) == tensor_cores &&
         std::all_of(notes.begin(), notes.end(), [](auto note) {
           return note == CUDNN_NUMERICAL_NOTE_TENSOR_CORE || note == CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP;
         });
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

FusedGraph::Wanted FusedGraph::wanted_of(const FusedDescription& description) {
  const auto* const convolution = std::get_if<FusedConvolution>(&description);
  if (convolution == nullptr) return {.most = kMostFused, .tensor_cores = true, .held_by_graphs = true};
  return {.most = kMostAlgorithms,
          .tensor_cores = convolution->precision == Precision::tf32,
          .held_by_graphs = false};
}

FusedGraph::FusedGraph(const Cudnn& cudnn, const FusedTarget& target, const FusedDescription& description)
    : cudnn_(cudnn), target_(target) {
  GraphBuilder builder(cudnn, parts_);
  std::visit([&](const auto& product) { describe(builder, product); }, description);
  const Descriptor& graph = builder.graph(target.handle);
  const Wanted wanted = wanted_of(description);
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK})
    list_algorithms(builder, graph, mode, wanted);
}

/// An engine that is to be fallen back on is listed once, those of the heuristics with each way to set them.
void FusedGraph::list_algorithms(GraphBuilder& builder, const Descriptor& graph, cudnnBackendHeurMode_t mode,
                                 const Wanted& wanted) {
  constexpr std::size_t kMostConfigurations = 24;
  Descriptor& heuristics = builder.part(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode);
  if (target_.described != nullptr) heuristics.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target_.described);
  heuristics.finalize();
  std::vector<Descriptor> configurations;
  std::vector<cudnnBackendDescriptor_t> into;
  while (configurations.size() < kMostConfigurations)
    into.push_back(configurations.emplace_back(cudnn_, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).get());
  const std::size_t found = heuristics.get(CUDNN_ATTR_ENGINEHEUR_RESULTS, into);
  for (std::size_t i = 0; i < found && algorithms_.size() < wanted.most; ++i) {
    FusedAlgorithm one = algorithm_of(configurations[i]);
    const bool listed = std::any_of(algorithms_.begin(), algorithms_.end(),
                                    [&](const Algorithm& a) { return a.made.engine == one.engine; });
    if (one.engine < 0 || (listed && mode == CUDNN_HEUR_MODE_FALLBACK)) continue;
    if (!is_in(wanted.tensor_cores, one.numerics)) continue;
    if (wanted.held_by_graphs && !has(one.behaviour, CUDNN_BEHAVIOR_NOTE_SUPPORTS_CUDA_GRAPH_NATIVE_API))
      continue;
    algorithms_.push_back({std::move(configurations[i]), std::move(one)});
  }
}

FusedAlgorithm FusedGraph::algorithm_of(const Descriptor& configuration) const {
  constexpr std::size_t kMostNotes = 32;
  Descriptor engine(cudnn_, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  if (target_.described != nullptr) engine.set(CUDNN_ATTR_ENGINE_DEVICEPROP, *target_.described);
  const cudnnBackendDescriptor_t into[] = {engine.get()};
  FusedAlgorithm one;
  if (configuration.get(CUDNN_ATTR_ENGINECFG_ENGINE, into) != 1) return one;
  one.engine = engine.get<std::int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64).at(0);
  one.numerics = engine.get<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                                         CUDNN_TYPE_NUMERICAL_NOTE, kMostNotes);
  one.behaviour = engine.get<cudnnBackendBehaviorNote_t>(CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE,
                                                         CUDNN_TYPE_BEHAVIOR_NOTE, kMostNotes);
  return one;
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
