#include "engine/training/step_program.hpp"

#include "engine/program/passes.hpp"
#include "engine/training/step_memory.hpp"
#include "engine/training/update.hpp"
#include "engine/tuning/program_launches.hpp"

namespace agon {

StepProgram step_program(const GanConfig& config, std::int64_t micro_batch, DeviceKind device,
                         std::string_view passes) {
  Network generator("generator", config.generator), discriminator("discriminator", config.discriminator);
  StepProgram step;
  StepMemory memory = lay_out_step(step.tensors, config, micro_batch, generator, discriminator);
  memory.table_rows = config.batch;
  memory.table = step.tensors.take<float>(static_cast<std::size_t>(config.batch * config.width()),
                                          {"table", config.width()});
  train_step(step.program, memory);
  for (const Temporary& temporary : step.program.temporaries()) step.tensors.add(temporary);
  step.program = fused(std::move(step.program), device, passes);
  return step;
}

std::vector<LinearLaunch> step_launches(const GanConfig& config, std::int64_t micro_batch, int replicas) {
  return launches_of(step_program(config, micro_batch, DeviceKind::cuda).program, replicas);
}

}  // namespace agon
