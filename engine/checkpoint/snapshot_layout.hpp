// What a snapshot of a configuration's networks holds: the one list of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/gan/config.hpp"
#include "engine/gan/gan.hpp"

namespace agon {

/// Numbers that a snapshot keeps of a parameter.
struct SnapshotPart {
  const char* suffix = "";            ///< of the tensor's name in a checkpoint; of the value itself none
  const char* what = "";              ///< in words
  std::vector<std::int64_t> shape{};  ///< empty where the configuration asks for none
  std::vector<float> Gan::Snapshot::Tensor::*values = nullptr;

  bool there() const { return !shape.empty(); }
  bool of_optimiser() const {
    return values == &Gan::Snapshot::Tensor::moment1 || values == &Gan::Snapshot::Tensor::moment2;
  }
  std::size_t size() const;  ///< elements; 0 where it is not there
};

struct SnapshotEntry {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<SnapshotPart> parts;  ///< every kind that there can be, in a checkpoint's order
};

/// In the order of Gan::parameters().
std::vector<SnapshotEntry> snapshot_layout(const GanConfig& config,
                                           Gan::Snapshot::Holds holds = Gan::Snapshot::Holds::all);

/// What drawing needs of a whole snapshot: one that holds the generator alone.
Gan::Snapshot generator_of(const Gan::Snapshot& whole, const GanConfig& config);
/// A whole snapshot with what one that holds the generator alone has in the place of its own.
Gan::Snapshot with_generator(Gan::Snapshot whole, const Gan::Snapshot& generator, const GanConfig& config);

/// Throws ConfigurationError where the snapshot has other tensors or parts than the configuration's networks.
void require_layout(const Gan::Snapshot& snapshot, const GanConfig& config);

/// Whether all numbers of all parts are.
bool all_finite(const Gan::Snapshot& snapshot);

}  // namespace agon
