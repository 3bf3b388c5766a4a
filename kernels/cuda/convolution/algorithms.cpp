// The algorithms of the calling thread's current CUDA device to compute a convolution.
#include <algorithm>

#include "kernels/convolution_algorithms.hpp"
#include "kernels/cuda/convolution/backends.hpp"
#include "kernels/cuda/convolution/estimate.hpp"
#include "kernels/cuda/device/properties.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr TileKind kTiles[] = {TileKind::small, TileKind::medium, TileKind::large};

void add(std::vector<LayerChoice>& list, const LayerChoice& one) {
  if (std::find(list.begin(), list.end(), one) == list.end()) list.push_back(one);
}

/// Every tile, with each number of pieces up to `most`, in powers of two; then the library's.
std::vector<LayerChoice> all_choices(const LayerChoice& estimate, std::int64_t most,
                                     const std::vector<std::uint8_t>& library) {
  std::vector<LayerChoice> list{estimate};
  for (std::int64_t pieces = 1; pieces <= most; pieces *= 2)
    for (const TileKind tile : kTiles)
      add(list, {.by = LayerBackend::own, .tile = tile, .splits = static_cast<std::uint8_t>(pieces)});
  for (const std::uint8_t number : library) add(list, {.by = LayerBackend::library, .algorithm = number});
  return list;
}

template <class Operation>
std::vector<LayerChoice> pass_choices(QueueView queue, const Operation& op) {
  std::vector<std::uint8_t> library;
  if (library_can_convolve(queue, op)) library = convolution_library_algorithms(op);
  return all_choices(convolution_estimate(op, multiprocessors()), 1, library);
}

}  // namespace

std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionForward& op) {
  return pass_choices(queue, op);
}

std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionTangent& op) {
  return pass_choices(queue, op);
}

std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionBackward& op) {
  if (op.dweight == nullptr) return pass_choices(queue, op);
  std::vector<std::uint8_t> library;
  if (library_can_convolve(queue, op) && !op.accumulate) library = convolution_library_algorithms(op);
  const std::int64_t most = most_pieces(op.shape, kWorkspaceBytes);
  return all_choices(convolution_estimate(op, multiprocessors()), most, library);
}

}  // namespace agon::kernels::cuda
