// The estimate needs no device, and stands in every build.
#include "kernels/convolution_algorithms.hpp"

#include "kernels/cuda/convolution/estimate.hpp"
#include "kernels/dispatch.hpp"

namespace agon::kernels {
namespace {

/// Of a way over the convolution, up to the fine images or down to the coarse ones.
LayerChoice pass_estimate(const ConvolutionShape& shape, bool up, int multiprocessors) {
  const cuda::Products products = up ? cuda::products_up(shape) : cuda::products_down(shape);
  return {.by = LayerBackend::own, .tile = cuda::tile_of({}, products, multiprocessors), .splits = 1};
}

std::int64_t pass_launches(const ConvolutionShape& shape, bool up) {
  return up ? cuda::launches_up(shape) : 1;
}

template <class Operation>
std::vector<LayerChoice> choices(QueueView queue, const Operation& op) {
  if (queue.device != DeviceKind::cuda) return {{}};
  return run_on_cuda<std::vector<LayerChoice>>(cuda::convolution_choices, queue, in_its_precision(op));
}

}  // namespace

LayerChoice convolution_estimate(const ConvolutionForward& op, int multiprocessors) {
  return pass_estimate(op.shape, op.shape.transposed, multiprocessors);
}

LayerChoice convolution_estimate(const ConvolutionTangent& op, int multiprocessors) {
  return pass_estimate(op.shape, op.shape.transposed, multiprocessors);
}

LayerChoice convolution_estimate(const ConvolutionBackward& op, int multiprocessors) {
  if (op.dweight == nullptr)
    return op.dx == nullptr ? LayerChoice{} : pass_estimate(op.shape, !op.shape.transposed, multiprocessors);
  const cuda::ProductTiles tiles = cuda::weight_tiles({}, op.shape, kWorkspaceBytes, multiprocessors);
  return {.by = LayerBackend::own, .tile = tiles.kind, .splits = static_cast<std::uint8_t>(tiles.pieces)};
}

std::int64_t launch_count(const ConvolutionForward& op, int) {
  return pass_launches(op.shape, op.shape.transposed);
}

std::int64_t launch_count(const ConvolutionTangent& op, int) {
  return pass_launches(op.shape, op.shape.transposed);
}

std::int64_t launch_count(const ConvolutionBackward& op, int multiprocessors) {
  const auto of_pieces = [](std::int64_t pieces) { return std::int64_t{pieces > 1 ? 2 : 1}; };
  std::int64_t launches = 0;
  if (op.dx != nullptr) launches += pass_launches(op.shape, !op.shape.transposed);
  if (op.dweight != nullptr)
    launches += of_pieces(cuda::weight_tiles(op.choice, op.shape, kWorkspaceBytes, multiprocessors).pieces);
  if (op.dbias != nullptr) launches += of_pieces(cuda::bias_pieces(op.shape, multiprocessors).pieces);
  return launches;
}

std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionForward& op) {
  return choices(queue, op);
}

std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionTangent& op) {
  return choices(queue, op);
}

std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionBackward& op) {
  return choices(queue, op);
}

}  // namespace agon::kernels
