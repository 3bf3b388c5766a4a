// The estimate needs no device, and stands in every build.
#include "kernels/linear_algorithms.hpp"

#include <algorithm>

#include "kernels/cuda/linear/estimate.hpp"
#include "kernels/dispatch.hpp"
#include "kernels/step.hpp"

namespace agon::kernels {
namespace {

constexpr LayerChoice kOwnThin{.by = LayerBackend::own};  // its splits are the kernel's own affair
constexpr LayerChoice kFavourite{.by = LayerBackend::library};

LayerChoice estimate(const LinearBackward& op, int multiprocessors, bool library,
                     std::size_t workspace_bytes) {
  if (op.dx == nullptr && op.dweight == nullptr) return {};
  if (library && !op.accumulate && cuda::library_wins(op)) return kFavourite;
  if (cuda::thin(op.shape)) return kOwnThin;
  const cuda::BackwardTiles tiles = cuda::estimated_tiles(op.shape, op.dx != nullptr, op.dweight != nullptr,
                                                          multiprocessors, workspace_bytes);
  return {.by = LayerBackend::own, .tile = tiles.kind, .splits = static_cast<std::uint8_t>(tiles.splits)};
}

/// Of products that come to (batch, out), a forward's or a tangent's.
template <class Operation>
LayerChoice estimate(const Operation& op, int multiprocessors, bool library) {
  if (library && cuda::library_wins(op)) return kFavourite;
  if (op.shape.out <= kThin) return kOwnThin;
  return {.by = LayerBackend::own, .tile = cuda::estimated_tile(op.shape, multiprocessors), .splits = 1};
}

/// Of gradients that are enqueued together, those without outputs left out; none where both are.
std::int64_t backward_launches(const LinearBackward& op, const LinearBackward& beside, int multiprocessors) {
  LinearBackward asked[2];
  int count = 0;
  for (const LinearBackward* one : {&op, &beside})
    if (one->dx != nullptr || one->dweight != nullptr) asked[count++] = in_its_precision(*one);
  if (count == 0) return 0;
  const std::size_t bytes = count == 2 ? cuda::half_workspace(kWorkspaceBytes) : kWorkspaceBytes;
  cuda::BackwardWay ways[2];
  std::int64_t launches = 0;
  for (int i = 0; i < count; ++i) {
    ways[i] = cuda::way_of(asked[i], bytes, multiprocessors);
    if (ways[i].tiles.splits > 1) ++launches;
  }
  return launches + (count == 2 && !together(ways[0], ways[1]) ? 2 : 1);
}

}  // namespace

LayerChoice linear_estimate(const LinearForward& op, int multiprocessors, bool library) {
  return estimate(in_its_precision(op), multiprocessors, library);
}

LayerChoice linear_estimate(const LinearTangent& op, int multiprocessors, bool library) {
  return estimate(in_its_precision(op), multiprocessors, library);
}

LayerChoices linear_estimate(const LinearBackward& op, const LinearBackward& beside, int multiprocessors,
                             bool library) {
  const bool two = beside.dx != nullptr || beside.dweight != nullptr;
  const std::size_t bytes = two ? cuda::half_workspace(kWorkspaceBytes) : kWorkspaceBytes;
  return {estimate(in_its_precision(op), multiprocessors, library, bytes),
          estimate(in_its_precision(beside), multiprocessors, library, bytes)};
}

std::int64_t launch_count(const LinearBackward& op, int multiprocessors) {
  return backward_launches(op, {}, multiprocessors);
}

std::int64_t launch_count(const LinearBackwardBeside& both, int multiprocessors) {
  return backward_launches(both.op, both.beside, multiprocessors);
}

std::int64_t launch_count(const StepEndBeside& op, int multiprocessors) {
  const auto& [gradients, beside] = op.gradients;
  return std::max<std::int64_t>(1, backward_launches(gradients, beside, multiprocessors));
}

std::vector<LayerChoice> linear_choices(QueueView queue, const LinearForward& op) {
  if (queue.device != DeviceKind::cuda) return {{}};
  return run_on_cuda<std::vector<LayerChoice>>(cuda::linear_choices, queue, in_its_precision(op));
}

std::vector<LayerChoice> linear_choices(QueueView queue, const LinearTangent& op) {
  if (queue.device != DeviceKind::cuda) return {{}};
  return run_on_cuda<std::vector<LayerChoice>>(cuda::linear_choices, queue, in_its_precision(op));
}

std::vector<LayerChoice> linear_choices(QueueView queue, const LinearBackward& op) {
  if (queue.device != DeviceKind::cuda) return {{}};
  return run_on_cuda<std::vector<LayerChoice>>(cuda::linear_choices, queue, in_its_precision(op));
}

std::vector<LayerChoices> linear_choices(QueueView queue, const LinearBackward& op,
                                         const LinearBackward& beside) {
  if (queue.device != DeviceKind::cuda) return {{}};
  return run_on_cuda<std::vector<LayerChoices>>(cuda::linear_choices, queue, in_its_precision(op),
                                                in_its_precision(beside));
}

std::string linear_library_version(DeviceKind device) {
  return device == DeviceKind::cuda ? cuda_form(cuda::linear_library_version)() : std::string();
}

}  // namespace agon::kernels
