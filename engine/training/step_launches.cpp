#include "engine/training/step_launches.hpp"

#include <algorithm>

#include "engine/runtime/arena.hpp"
#include "engine/training/step_memory.hpp"
#include "engine/training/update.hpp"

namespace agon {

std::vector<kernels::LinearCall> rehearse_step(const GanConfig& config, std::int64_t micro_batch,
                                               int replicas, const LinearPlan* plan) {
  Network generator("generator", config.generator), discriminator("discriminator", config.discriminator);
  for (Network* network : {&generator, &discriminator}) network->use(plan, replicas);
  ArenaSize nowhere;
  StepMemory memory = lay_out_step(nowhere, config, micro_batch, generator, discriminator);
  memory.table_rows = 1;
  const kernels::Rehearsal rehearsal;
  train_step(QueueView{}, memory);
  return rehearsal.calls();
}

LinearLaunch launch_of(const kernels::LinearCall& call, int replicas) {
  switch (call.kind) {
    case kernels::LinearCall::Kind::forward:
      return launch_of(call.forward, replicas);
    case kernels::LinearCall::Kind::tangent:
      return launch_of(call.tangent, replicas);
    default:
      return launch_of(call.backward, call.beside, replicas);
  }
}

std::vector<LinearLaunch> step_launches(const GanConfig& config, std::int64_t micro_batch, int replicas) {
  std::vector<LinearLaunch> launches;
  for (const kernels::LinearCall& call : rehearse_step(config, micro_batch, replicas)) {
    const LinearLaunch launch = launch_of(call, replicas);
    if (std::find(launches.begin(), launches.end(), launch) == launches.end()) launches.push_back(launch);
  }
  return launches;
}

}  // namespace agon
