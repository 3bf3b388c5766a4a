// All that training changes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace agon {

/// A parameter and what is kept of it.
struct SnapshotTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> value, moment1, moment2;
  std::vector<float> average{};  ///< empty where none is kept
  /// u (out) and v (in) of a weight whose spectral norm is followed; else empty.
  std::vector<float> left_singular{}, right_singular{};
  /// Of a batch norm's gamma: its layer's running statistics; else empty.
  std::vector<float> running_mean{}, running_variance{};
};

struct ModelSnapshot {
  std::uint64_t step = 0;
  std::vector<std::uint64_t> updates;   ///< of each network
  std::vector<SnapshotTensor> tensors;  ///< of all networks, in parameters() order
  float augmentation = 0;               ///< StepState's
};

}  // namespace agon
