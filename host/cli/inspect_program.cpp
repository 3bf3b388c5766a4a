#include "host/cli/inspect_program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "engine/gan/step_memory.hpp"
#include "engine/gan/step_program.hpp"
#include "engine/program/passes.hpp"
#include "engine/program/place.hpp"
#include "host/cli/inspect_gpu.hpp"
#include "host/run/console.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

struct Line {
  OperationSummary operation;
  std::vector<std::string> reads, writes;
};

/// Each name once.
void add(std::vector<std::string>& names, std::string name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

std::vector<Line> lines_of(const StepProgram& step) {
  std::vector<Line> lines;
  for (const Operation& operation : step.program.operations()) {
    Line& line = lines.emplace_back(operation.summary());
    for (const Access& access : operation.accesses()) {
      if (access.reads()) add(line.reads, step.tensors.describe(access));
      if (access.writes()) add(line.writes, step.tensors.describe(access));
    }
  }
  return lines;
}

/// The step as it is written, and as the device runs it.
struct Programs {
  DeviceKind device;
  std::vector<Line> written, run;
  std::int64_t temporary_bytes = 0;  ///< of what is run, after what is over has made room
};

Programs programs_of(const GanConfig& config, std::string_view device, const DescribedGpu* gpu) {
  const DeviceKind kind = device == "cpu" && gpu == nullptr ? DeviceKind::cpu : DeviceKind::cuda;
  const std::int64_t cache = gpu == nullptr ? kCacheWithoutDevice : gpu->cache_bytes;
  const std::int64_t rows =
      kind == DeviceKind::cpu ? micro_batch_of(config, Device::cpu(1)) : micro_batch_of(config, cache);
  const StepProgram run = step_program(config, rows, kind);
  return {kind, lines_of(step_program(config, rows, kind, "none")), lines_of(run),
          place(run.program, nullptr).bytes};
}

std::string shape_text(const OperationSummary& o) {
  return o.in > 0 ? fmt::format("{} x {} -> {}", o.rows, o.in, o.out) : "";
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::int64_t sum(const std::vector<Line>& lines, std::int64_t OperationSummary::*member) {
  return std::accumulate(lines.begin(), lines.end(), std::int64_t{0},
                         [=](std::int64_t all, const Line& line) { return all + line.operation.*member; });
}

std::string table(const std::string& title, const std::vector<Line>& lines) {
  const auto count = [](std::int64_t n) { return grouped(static_cast<std::uint64_t>(n)); };
  std::string text = fmt::format("{}: {} operations, {} multiply-adds, {} bytes read, {} written\n", title,
                                 lines.size(), count(sum(lines, &OperationSummary::multiply_adds)),
                                 count(sum(lines, &OperationSummary::bytes_read)),
                                 count(sum(lines, &OperationSummary::bytes_written)));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& [o, reads, writes] = lines[i];
    text += fmt::format("{:>3} {:<22} {:<18} {:>11} {:>10} {:>10}  {}  =>  {}\n", i + 1, o.name,
                        shape_text(o), o.multiply_adds > 0 ? count(o.multiply_adds) : "", count(o.bytes_read),
                        count(o.bytes_written), joined(reads), joined(writes));
  }
  return text;
}

ordered_json json_of(const std::vector<Line>& lines) {
  ordered_json list = ordered_json::array();
  for (const auto& [o, reads, writes] : lines)
    list.push_back({{"name", o.name},
                    {"rows", o.rows},
                    {"in", o.in},
                    {"out", o.out},
                    {"multiply_adds", o.multiply_adds},
                    {"bytes_read", o.bytes_read},
                    {"bytes_written", o.bytes_written},
                    {"reads", reads},
                    {"writes", writes}});
  return list;
}

}  // namespace

std::string program_text(const GanConfig& config, std::string_view device, const DescribedGpu* gpu) {
  const Programs programs = programs_of(config, device, gpu);
  const std::string_view name = programs.device == DeviceKind::cpu ? "the processor" : "CUDA";
  std::string text = table("The step as it is written", programs.written);
  text += fmt::format("\nPasses on {} (--fuse):\n", name);
  for (const Pass& pass : all_passes())
    if (programs.device == DeviceKind::cuda || pass.on_processor)
      text += fmt::format("    {:<22} {}\n", pass.name, pass.what);
  text += "\n" + table(fmt::format("The step as {} runs it", name), programs.run);
  text +=
      fmt::format("\nTemporaries: {} bytes\n", grouped(static_cast<std::uint64_t>(programs.temporary_bytes)));
  if (gpu != nullptr) text += "\n" + gpu_text(config, *gpu);
  return text;
}

ordered_json program_json(const GanConfig& config, std::string_view device, const DescribedGpu* gpu) {
  const Programs programs = programs_of(config, device, gpu);
  ordered_json passes = ordered_json::array();
  for (const Pass& pass : all_passes())
    if (programs.device == DeviceKind::cuda || pass.on_processor) passes.push_back(pass.name);
  ordered_json all{{"device", programs.device == DeviceKind::cpu ? "cpu" : "cuda"},
                   {"passes", std::move(passes)},
                   {"written", json_of(programs.written)},
                   {"run", json_of(programs.run)},
                   {"temporary_bytes", programs.temporary_bytes}};
  if (gpu != nullptr) all["gpu"] = gpu_json(config, *gpu);
  return all;
}

}  // namespace agon::host
