#include "engine/gan/step_program.hpp"

#include "engine/gan/step_memory.hpp"
#include "engine/program/passes.hpp"
#include "engine/tuning/program_launches.hpp"

namespace agon {

StepProgram step_program(const GanConfig& config, std::int64_t micro_batch, DeviceKind device,
                         std::string_view passes) {
  StepProgram step;
  GanGame game(config, micro_batch);
  const ModelMemory model = lay_out_model(step.tensors, learners_of(config));
  game.lay_out(step.tensors, model);
  game.memory.table_rows = config.batch;
  if (const RecordLayout& records = config.generator.records; records.any()) {
    StepMemory::Records& table = game.memory.records;
    table.codes = step.tensors.take<std::uint16_t>(
        static_cast<std::size_t>(config.batch) * records.heads.size(), {"codes of the table"});
    table.ranks = step.tensors.take<std::uint32_t>(static_cast<std::size_t>(config.batch * records.numbers()),
                                                   {"ranks of the table"});
    table.cumulative_size = 2;
    table.cumulative = step.tensors.floats(table.cumulative_size, {"cumulative shares"});
    const RecordConditions& conditions = records.conditions;
    const std::size_t heads = conditions.heads.size(), levels = conditions.shares.size();
    game.memory.conditions = {static_cast<std::int64_t>(heads), static_cast<std::int64_t>(levels),
                              step.tensors.take<std::int32_t>(heads + 1, {"first levels of conditions"}),
                              step.tensors.take<std::int32_t>(heads, {"scores of conditions"}),
                              step.tensors.take<std::uint32_t>(levels, {"thresholds of conditions"})};
    game.memory.rows_by_level = {step.tensors.take<std::int64_t>(levels + 1, {"first rows by level"}),
                                 step.tensors.take<std::uint32_t>(levels, {"rows by level"}),
                                 static_cast<std::int64_t>(levels)};
  } else if (config.of_images()) {
    game.memory.bytes = step.tensors.take<std::uint8_t>(
        static_cast<std::size_t>(config.batch * config.width()), {"images", config.width()});
  } else {
    game.memory.table = step.tensors.floats(config.batch * config.width(), {"table", config.width()});
  }
  if (config.by_class())
    game.memory.class_of_row =
        step.tensors.take<std::int32_t>(static_cast<std::size_t>(config.batch), {"classes of the table"});
  Program recorded;
  game.record(recorded, kernels::StepEnd{});
  step.program = fused(std::move(recorded), device, passes);
  for (const Temporary& temporary : step.program.temporaries()) step.tensors.add(temporary);
  return step;
}

std::vector<LayerLaunch> step_launches(const GanConfig& config, std::int64_t micro_batch, int replicas) {
  return launches_of(step_program(config, micro_batch, DeviceKind::cuda).program, replicas);
}

}  // namespace agon
