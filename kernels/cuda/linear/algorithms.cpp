// The algorithms of the calling thread's current CUDA device to compute a linear layer.
#include "kernels/linear_algorithms.hpp"

#include <algorithm>

#include "kernels/cuda/device/properties.hpp"
#include "kernels/cuda/linear/backends.hpp"
#include "kernels/cuda/linear/estimate.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr TileKind kTiles[] = {TileKind::small, TileKind::medium, TileKind::large};

template <class Choice>
void add(std::vector<Choice>& list, const Choice& one) {
  if (std::find(list.begin(), list.end(), one) == list.end()) list.push_back(one);
}

/// Powers of two whose pieces of the batch are not short and whose partial sums fit.
std::vector<std::uint8_t> splits_of(const LinearBackward& op, std::size_t workspace_bytes) {
  constexpr std::int64_t kMostSplits = 64, kShortestPiece = 32;  // rows
  std::vector<std::uint8_t> list{1};
  if (op.dweight == nullptr) return list;
  for (std::int64_t wanted = 2; wanted <= kMostSplits && wanted * kShortestPiece <= op.shape.batch;
       wanted *= 2)
    if (feasible_splits(op.shape, wanted, workspace_bytes) == wanted)
      list.push_back(static_cast<std::uint8_t>(wanted));
  return list;
}

void add_library(std::vector<LayerChoice>& list, int algorithms) {
  for (int i = 0; i < algorithms; ++i)
    add(list, {.by = LayerBackend::library, .algorithm = static_cast<std::uint8_t>(i)});
}

template <class Operation>
void add_fused(std::vector<LayerChoice>& list, QueueView queue, const Operation& op) {
  if (!fused_can(queue, op)) return;
  for (const std::uint8_t number : linear_fused_algorithms(op))
    add(list, {.by = LayerBackend::fused, .algorithm = number});
}

/// Of products that come to (batch, out), a forward's or a tangent's.
template <class Operation>
std::vector<LayerChoice> choices_of_outputs(QueueView queue, const Operation& op) {
  const int algorithms = library_can(queue, op) ? linear_library_algorithms(op) : 0;
  std::vector<LayerChoice> list{linear_estimate(op, multiprocessors(), algorithms > 0)};
  if (op.shape.out <= kThin) {
    add(list, {.by = LayerBackend::own});
  } else {
    for (const TileKind tile : kTiles) add(list, {.by = LayerBackend::own, .tile = tile, .splits = 1});
  }
  add_library(list, algorithms);
  return list;
}

}  // namespace

std::vector<LayerChoice> linear_choices(QueueView queue, const LinearForward& op) {
  std::vector<LayerChoice> list = choices_of_outputs(queue, op);
  add_fused(list, queue, op);
  return list;
}

std::vector<LayerChoice> linear_choices(QueueView queue, const LinearTangent& op) {
  return choices_of_outputs(queue, op);
}

std::vector<LayerChoice> linear_choices(QueueView queue, const LinearBackward& op) {
  const int algorithms = library_can(queue, op) ? linear_library_algorithms(op) : 0;
  std::vector<LayerChoice> list{linear_estimate(op, {}, multiprocessors(), algorithms > 0).first};
  for (const std::uint8_t splits : splits_of(op, kWorkspaceBytes)) {
    for (const TileKind tile : kTiles) {
      add(list, {.by = LayerBackend::own, .tile = tile, .splits = splits});
      if (thin(op.shape)) break;
    }
  }
  add_library(list, algorithms);
  add_fused(list, queue, op);
  return list;
}

std::vector<LayerChoices> linear_choices(QueueView queue, const LinearBackward& op,
                                         const LinearBackward& beside) {
  const bool library = (library_can(queue, op) && linear_library_algorithms(op) > 0) ||
                       (library_can(queue, beside) && linear_library_algorithms(beside) > 0);
  std::vector<LayerChoices> list{linear_estimate(op, beside, multiprocessors(), library)};
  const std::size_t bytes = half_workspace(kWorkspaceBytes);
  const std::vector<std::uint8_t> of_first = splits_of(op, bytes), of_beside = splits_of(beside, bytes);
  const bool all_thin = thin(op.shape) && thin(beside.shape);
  for (std::size_t i = 0; i < std::max(of_first.size(), of_beside.size()); ++i) {
    const std::uint8_t first = of_first[std::min(i, of_first.size() - 1)],
                       second = of_beside[std::min(i, of_beside.size() - 1)];
    for (const TileKind tile : kTiles) {
      const LayerChoice own{.by = LayerBackend::own, .tile = tile, .splits = first};
      add(list, {own, {.by = LayerBackend::own, .tile = tile, .splits = second}});
      if (all_thin) break;
    }
  }
  return list;
}

}  // namespace agon::kernels::cuda
