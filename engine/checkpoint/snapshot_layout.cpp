#include "engine/checkpoint/snapshot_layout.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "engine/metrics/column_statistics.hpp"
#include "engine/network/parameter_layout.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

using Holds = Gan::Snapshot::Holds;

struct Kept {
  bool average = false, singular = false, running = false;
};

std::int64_t matrix_columns(const std::vector<std::int64_t>& shape) {
  return std::accumulate(shape.begin() + 1, shape.end(), std::int64_t{1}, std::multiplies{});
}

std::vector<SnapshotPart> parts_of(const std::vector<std::int64_t>& shape, const Kept& kept) {
  using Tensor = Gan::Snapshot::Tensor;
  using Shape = std::vector<std::int64_t>;
  const auto only = [&](bool there, const Shape& its) { return there ? its : Shape{}; };
  return {
      {"", "the parameter", shape, &Tensor::value},
      {".moment1", "Adam's first moment", shape, &Tensor::moment1},
      {".moment2", "Adam's second moment", shape, &Tensor::moment2},
      {".average", "an average of the weights", only(kept.average, shape), &Tensor::average},
      {".running_mean", "running statistics", only(kept.running, shape), &Tensor::running_mean},
      {".running_variance", "running statistics", only(kept.running, shape), &Tensor::running_variance},
      {".left_singular", "singular vectors", only(kept.singular, {shape.front()}), &Tensor::left_singular},
      {".right_singular", "singular vectors", only(kept.singular, {matrix_columns(shape)}),
       &Tensor::right_singular}};
}

void require_part(const Gan::Snapshot::Tensor& tensor, const SnapshotPart& part) {
  const std::size_t size = (tensor.*part.values).size();
  if (size == part.size()) return;
  const std::string subject = "the snapshot's '" + tensor.name + "' ";
  if (size > 0 && part.there())
    throw ConfigurationError(subject + "has " + std::to_string(size) + " numbers of " + part.what + ", not " +
                             std::to_string(part.size()));
  throw ConfigurationError(subject + (part.there() ? "lacks " : "has ") + part.what +
                           ", which the configuration " + (part.there() ? "asks for" : "does not ask for"));
}

}  // namespace

std::size_t SnapshotPart::size() const {
  if (!there()) return 0;
  return static_cast<std::size_t>(
      std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies{}));
}

std::vector<SnapshotEntry> snapshot_layout(const GanConfig& config, Holds holds) {
  std::vector<SnapshotEntry> entries;
  const auto add = [&](const char* network, const NetworkSpec& spec, bool average, bool singular) {
    for (const TensorView& view : parameter_layout(network, spec)) {
      const Kept kept{average, singular && view.is_weight(),
                      spec.norm == NormKind::batch && view.name.ends_with(".gamma")};
      entries.push_back({view.name, view.shape, parts_of(view.shape, kept)});
    }
  };
  add("generator", config.generator, config.ema_samples > 0, false);
  if (holds == Holds::all) add("discriminator", config.discriminator, false, config.spectral_norm);
  if (holds == Holds::generator)
    for (SnapshotEntry& entry : entries)
      std::erase_if(entry.parts, [](const SnapshotPart& part) { return part.of_optimiser(); });
  return entries;
}

Gan::Snapshot generator_of(const Gan::Snapshot& whole, const GanConfig& config) {
  Gan::Snapshot out{.step = whole.step, .tensors = {}, .holds = Holds::generator};
  auto from = whole.tensors.begin();
  for (const SnapshotEntry& entry : snapshot_layout(config, Holds::generator)) {
    Gan::Snapshot::Tensor& tensor = out.tensors.emplace_back();
    tensor.name = entry.name;
    tensor.shape = entry.shape;
    for (const SnapshotPart& part : entry.parts) tensor.*part.values = (*from).*part.values;
    ++from;
  }
  return out;
}

Gan::Snapshot with_generator(Gan::Snapshot whole, const Gan::Snapshot& generator, const GanConfig& config) {
  require_layout(generator, config);
  whole.step = generator.step;
  auto to = whole.tensors.begin();
  auto from = generator.tensors.begin();
  for (const SnapshotEntry& entry : snapshot_layout(config, Holds::generator)) {
    for (const SnapshotPart& part : entry.parts) (*to).*part.values = (*from).*part.values;
    ++to, ++from;
  }
  return whole;
}

void require_layout(const Gan::Snapshot& snapshot, const GanConfig& config) {
  const std::vector<SnapshotEntry> expected = snapshot_layout(config, snapshot.holds);
  if (snapshot.tensors.size() != expected.size())
    throw ConfigurationError("the snapshot has " + std::to_string(snapshot.tensors.size()) +
                             " tensors, the configuration's networks have " +
                             std::to_string(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Gan::Snapshot::Tensor& tensor = snapshot.tensors[i];
    if (tensor.name != expected[i].name || tensor.shape != expected[i].shape)
      throw ConfigurationError("the snapshot's '" + tensor.name + "' does not fit the configuration's '" +
                               expected[i].name + "'");
    for (const SnapshotPart& part : expected[i].parts) require_part(tensor, part);
  }
}

bool all_finite(const Gan::Snapshot& snapshot) {
  const std::vector<SnapshotPart> kinds = parts_of({1}, {});
  return std::ranges::all_of(snapshot.tensors, [&](const Gan::Snapshot::Tensor& tensor) {
    return std::ranges::all_of(kinds,
                               [&](const SnapshotPart& kind) { return all_finite(tensor.*kind.values); });
  });
}

}  // namespace agon
