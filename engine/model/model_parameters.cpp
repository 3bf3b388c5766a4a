// What a model has learnt, by name.
#include <utility>

#include "engine/model/model.hpp"
#include "kernels/error.hpp"

namespace agon {

std::vector<TensorView> Model::parameters() const {
  std::vector<TensorView> all;
  for (const Network& network : memory_.networks)
    all.insert(all.end(), network.tensors().begin(), network.tensors().end());
  return all;
}

std::vector<Model::Found> Model::tensors(int replica) const {
  std::vector<Found> all;
  for (std::size_t i = 0; i < memory_.networks.size(); ++i) {
    const Network its = network(i, replica);
    for (const TensorView& tensor : its.tensors()) all.push_back({its, tensor});
  }
  return all;
}

Model::Found Model::find(std::string_view name, int replica) const {
  for (std::size_t i = 0; i < memory_.networks.size(); ++i)
    for (const TensorView& tensor : memory_.networks[i].tensors())
      if (tensor.name == name) return {network(i, replica), tensor};
  throw ConfigurationError("no parameter is named '" + std::string(name) + "'");
}

std::vector<float> Model::read(const float* source, std::int64_t size) const {
  std::vector<float> values(static_cast<std::size_t>(size));
  queue_.download(std::span(values), source);
  return values;
}

std::vector<float> Model::parameter(std::string_view name, int replica) const {
  const auto [network, tensor] = find(name, replica);
  return read(network.flat().value + tensor.offset, tensor.size);
}

std::vector<float> Model::gradient(std::string_view name, int replica) const {
  const auto [network, tensor] = find(name, replica);
  return read(network.flat().gradient + tensor.offset, tensor.size);
}

void Model::set_parameter(std::string_view name, std::span<const float> values, int replica) {
  const auto [network, tensor] = find(name, replica);
  const FlatParameters& flat = network.flat();
  if (static_cast<std::int64_t>(values.size()) != tensor.size)
    throw ConfigurationError("'" + tensor.name + "' has " + std::to_string(tensor.size) + " values, not " +
                             std::to_string(values.size()));
  queue_.upload(flat.value + tensor.offset, values);
  if (flat.average != nullptr) queue_.upload(flat.average + tensor.offset, values);
  queue_.wait();
}

ModelSnapshot Model::snapshot(int replica) const {
  const kernels::StepState state = read_state(replica);
  ModelSnapshot snapshot{
      .step = state.step, .updates = {}, .tensors = {}, .augmentation = state.augmentation};
  for (std::size_t i = 0; i < memory_.networks.size(); ++i)
    snapshot.updates.push_back(state.optimiser[i].step);
  for (const auto& [network, tensor] : tensors(replica)) {
    const FlatParameters& flat = network.flat();
    const auto part = [&](const float* buffer) {
      return buffer == nullptr ? std::vector<float>() : read(buffer + tensor.offset, tensor.size);
    };
    SnapshotTensor& its = snapshot.tensors.emplace_back(
        SnapshotTensor{tensor.name, tensor.shape, part(flat.value), part(flat.moment1), part(flat.moment2)});
    its.average = part(flat.average);
    if (const auto [left, right] = network.singular_of(tensor); left != nullptr) {
      its.left_singular = read(left, tensor.shape.front());
      its.right_singular = read(right, tensor.matrix_columns());
    }
    if (const auto [mean, variance] = network.running_of(tensor); mean != nullptr) {
      its.running_mean = read(mean, tensor.size);
      its.running_variance = read(variance, tensor.size);
    }
  }
  return snapshot;
}

/// Throws where the snapshot is another model's.
void Model::require_fit(const ModelSnapshot& snapshot, const std::vector<Found>& all) const {
  const auto require = [](bool fits, const std::string& what) {
    if (!fits) throw ConfigurationError("the snapshot is another model's: " + what);
  };
  require(snapshot.updates.size() == memory_.networks.size(), "it has other networks");
  require(snapshot.tensors.size() == all.size(), "it has other tensors");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [network, tensor] = all[i];
    const SnapshotTensor& its = snapshot.tensors[i];
    const auto size = static_cast<std::size_t>(tensor.size);
    const std::size_t running = network.running_of(tensor).mean != nullptr ? size : 0;
    const bool singular = network.singular_of(tensor).left != nullptr;
    const auto length = [&](bool there, std::int64_t count) {
      return there ? static_cast<std::size_t>(count) : 0;
    };
    const bool fits = its.name == tensor.name && its.shape == tensor.shape && its.value.size() == size &&
                      its.moment1.size() == size && its.moment2.size() == size &&
                      its.average.size() == (network.flat().average != nullptr ? size : 0) &&
                      its.running_mean.size() == running && its.running_variance.size() == running &&
                      its.left_singular.size() == length(singular, tensor.shape.front()) &&
                      its.right_singular.size() == length(singular, tensor.matrix_columns());
    require(fits, "its '" + its.name + "' does not fit '" + tensor.name + "'");
  }
}

void Model::restore(const ModelSnapshot& snapshot, int replica) {
  const std::vector<Found> all = tensors(replica);
  require_fit(snapshot, all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [network, tensor] = all[i];
    const FlatParameters& flat = network.flat();
    const SnapshotTensor& its = snapshot.tensors[i];
    const auto put = [&](float* to, const std::vector<float>& values) {
      if (to != nullptr) queue_.upload(to, std::span(values));
    };
    put(flat.value + tensor.offset, its.value);
    put(flat.moment1 + tensor.offset, its.moment1);
    put(flat.moment2 + tensor.offset, its.moment2);
    if (flat.average != nullptr) put(flat.average + tensor.offset, its.average);
    const auto [left, right] = network.singular_of(tensor);
    put(left, its.left_singular), put(right, its.right_singular);
    const auto [mean, variance] = network.running_of(tensor);
    put(mean, its.running_mean), put(variance, its.running_variance);
  }
  kernels::StepState state = read_state(replica);
  state.step = snapshot.step;
  state.augmentation = snapshot.augmentation;
  state.diverged = 0;
  state.warm = 0;
  state.kept = {};
  for (std::size_t i = 0; i < snapshot.updates.size(); ++i) state.optimiser[i].step = snapshot.updates[i];
  write_state(replica, state);
  published_.data()[replica] = snapshot.step;
  first_step_[static_cast<std::size_t>(replica)] = snapshot.step;
}

}  // namespace agon
