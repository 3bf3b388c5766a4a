#include "engine/model/model_memory.hpp"

#include "kernels/gradient_norm.hpp"

namespace agon {

ModelMemory lay_out_model(Memory& memory, const std::vector<Learner>& learners) {
  ModelMemory model;
  model.learners = learners;
  for (const Learner& learner : learners) model.networks.emplace_back(learner.name, learner.network);
  const std::size_t before = memory.used();
  for (std::size_t i = 0; i < learners.size(); ++i) {
    model.networks[i].lay_out(memory, learners[i].optimiser.average_half_life > 0);
    if (learners[i].spectral_norm) model.networks[i].lay_out_singular(memory);
  }
  model.keep.bytes = static_cast<std::int64_t>(memory.used() - before);
  model.keep.source = reinterpret_cast<const std::byte*>(model.networks.front().flat().value);
  model.keep.every = kKeepEvery;
  for (std::byte*& slot : model.keep.slot)
    slot = memory.take<std::byte>(static_cast<std::size_t>(model.keep.bytes), {"kept copy"});
  for (std::size_t i = 0; i < learners.size(); ++i)
    if (learners[i].spectral_norm) model.networks[i].lay_out_normalised(memory);
  model.state = memory.take<kernels::StepState>(1, {"state"});
  return model;
}

void optimise(Program& program, const ModelMemory& model, int network) {
  const Network& its = model.networks[static_cast<std::size_t>(network)];
  const FlatParameters& flat = its.flat();
  const double clip = model.learners[static_cast<std::size_t>(network)].optimiser.clip_norm;
  if (flat.normalised != nullptr) its.normalise_gradient(program);
  if (clip > 0)
    program.add<kernels::gradient_norm>(
        {.n = flat.size, .gradient = flat.gradient, .clip = clip, .state = model.optimiser(network)});
  program.add<kernels::adam>(its.adam(model.optimiser(network)));
}

void normalise(Program& program, const ModelMemory& model, int network) {
  const Network& its = model.networks[static_cast<std::size_t>(network)];
  if (its.flat().normalised != nullptr) its.normalise(program, /*iterate=*/true);
}

}  // namespace agon
