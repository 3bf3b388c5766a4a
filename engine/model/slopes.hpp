// How a network's output changes with its input.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/network/network.hpp"
#include "engine/runtime/arena.hpp"
#include "engine/runtime/queue.hpp"

namespace agon {

/// The gradient of a network's outputs, their sum, by each of its inputs, in evaluation mode. Keeps
/// references to the queue and to the network's buffers. A pass has as many rows as an Evaluator's.
class Slopes {
 public:
  /// Throws ConfigurationError where the network has a norm: its way back is by what training leaves.
  Slopes(const Queue& queue, const Network& network, kernels::Precision precision);

  /// Of the caller's rows, whole ones, (n, inputs): the same size.
  std::vector<float> of(std::span<const float> rows);

 private:
  void record(const Network& network, kernels::Precision precision, Memory& memory);

  const Queue& queue_;
  std::int64_t chunk_ = 0, width_ = 0, outputs_ = 0;  // rows of a pass, columns
  std::optional<Arena> arena_;
  std::byte* temporaries_ = nullptr;
  std::int64_t temporary_bytes_ = 0;
  float* input_ = nullptr;   // (chunk, width)
  float* output_ = nullptr;  // (chunk, outputs), not looked at
  float* ones_ = nullptr;    // likewise: the gradient of the outputs' sum by them
  float* slope_ = nullptr;   // (chunk, width)
  Program pass_;             // from input_ to slope_
};

}  // namespace agon
