#include "host/cli/inspect_gpu.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "engine/gan/config_names.hpp"
#include "engine/gan/step_memory.hpp"
#include "engine/gan/step_program.hpp"
#include "engine/program/gpu_cost.hpp"

namespace agon::host {
namespace {

using kernels::Precision;
using nlohmann::ordered_json;

struct CostLine {
  std::string name;
  GpuCost cost;
};

std::vector<CostLine> costs_of(GanConfig config, const DescribedGpu& gpu, Precision precision) {
  config.precision = precision;
  const StepProgram step = step_program(config, micro_batch_of(config, gpu.cache_bytes), DeviceKind::cuda);
  std::vector<CostLine> costs;
  for (const Operation& operation : step.program.operations())
    costs.push_back({std::string(operation.name()), cost_of(operation, gpu)});
  return costs;
}

GpuCost step_cost(const std::vector<CostLine>& lines) {
  GpuCost all;
  for (const CostLine& line : lines) all += line.cost;
  return all;
}

std::string facts_text(const DescribedGpu& gpu) {
  return fmt::format(
      "{}: {} multiprocessors, {} MB of L2, {:.2f} TB/s of memory, {:.1f} TFLOP/s in fp32, {:.1f} in tf32, "
      "{:.1f} in bf16",
      gpu.model, gpu.multiprocessors, gpu.cache_bytes >> 20, 1e-12 * gpu.memory_rate, 1e-12 * gpu.fp32,
      1e-12 * gpu.tf32, 1e-12 * gpu.bf16);
}

constexpr std::string_view kMeaning =
    "Launches are those of agon's own kernels, untuned, without cuBLASLt and cuDNN; FLOP those of products,\n"
    "as sums of products; bytes each operand once. No step is faster than the floor: products at the GPU's\n"
    "peak, and of memory only what an operation touches beyond the L2 cache. The other column has all "
    "operands\n"
    "come from memory and go back there; what L2 still holds takes less. Neither has launches, other\n"
    "arithmetic or unused parts of the GPU in it: a real step takes longer.\n";

std::string cost_text(const GpuCost& cost) {
  return fmt::format("{:>8} {:>10.1f} {:>10.3f} {:>10.2f} {:>12.2f}", cost.launches, 1e-6 * cost.flop,
                     1e-6 * static_cast<double>(cost.bytes), 1e6 * cost.floor, 1e6 * cost.from_memory);
}

}  // namespace

std::string gpu_text(const GanConfig& config, const DescribedGpu& gpu) {
  const std::vector<CostLine> lines = costs_of(config, gpu, config.precision);
  std::string text = fmt::format("What the step costs at least on a GPU, counted in {}\n{}\n\n",
                                 to_string(config.precision), facts_text(gpu));
  text += fmt::format("    {:<22} {:>8} {:>10} {:>10} {:>10} {:>12}\n", "", "launches", "MFLOP", "MB",
                      "floor, us", "memory, us");
  for (std::size_t i = 0; i < lines.size(); ++i)
    text += fmt::format("{:>3} {:<22} {}\n", i + 1, lines[i].name, cost_text(lines[i].cost));
  text += "\n";
  for (const auto& [name, precision] : Names<Precision>::all)
    text += fmt::format("    {:<22} {}\n", fmt::format("all, in {}", name),
                        cost_text(step_cost(costs_of(config, gpu, precision))));
  return text + "\n" + std::string(kMeaning);
}

ordered_json gpu_json(const GanConfig& config, const DescribedGpu& gpu) {
  ordered_json rates, operations = ordered_json::array(), all;
  const auto json_of = [](const GpuCost& cost) -> ordered_json {
    return {{"launches", cost.launches},
            {"flop", cost.flop},
            {"bytes", cost.bytes},
            {"floor_us", 1e6 * cost.floor},
            {"from_memory_us", 1e6 * cost.from_memory}};
  };
  for (const CostLine& line : costs_of(config, gpu, config.precision)) {
    operations.push_back({{"name", line.name}});
    operations.back().update(json_of(line.cost));
  }
  for (const auto& [name, precision] : Names<Precision>::all) {
    rates[std::string(name)] = gpu.peak(precision);
    all[std::string(name)] = json_of(step_cost(costs_of(config, gpu, precision)));
  }
  return {{"name", gpu.name},
          {"model", gpu.model},
          {"multiprocessors", gpu.multiprocessors},
          {"l2_bytes", gpu.cache_bytes},
          {"bytes_per_second", gpu.memory_rate},
          {"flop_per_second", std::move(rates)},
          {"precision", to_string(config.precision)},
          {"operations", std::move(operations)},
          {"all", std::move(all)}};
}

}  // namespace agon::host
