#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/runtime/queue.hpp"
#include "host/commands/commands.hpp"
#include "host/commands/describe.hpp"
#include "host/commands/exit_code.hpp"
#include "host/commands/step_cost.hpp"
#include "host/commands/step_timing.hpp"
#include "host/run/console.hpp"
#include "kernels/cpu_variant.hpp"
#include "kernels/fma_peak.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

struct Result {
  GanConfig config;
  Device device = Device::cpu(1);
  double peak = 0;  ///< FLOP/s
  std::vector<StepTiming> timings;

  double flop_per_sample() const { return 2.0 * static_cast<double>(step_multiply_adds(config)); }
  double samples_per_second(const StepTiming& t) const {
    return static_cast<double>(t.batch) / t.step.median;
  }
  double flops(const StepTiming& t) const { return flop_per_sample() * samples_per_second(t); }
};

double sum_of_operations(const StepTiming& timing) {
  return std::accumulate(timing.operations.begin(), timing.operations.end(), 0.0,
                         [](double sum, const OperationTime& o) { return sum + o.seconds; });
}

ordered_json operations_json(const StepTiming& timing) {
  if (timing.operations.empty()) return nullptr;
  ordered_json list = ordered_json::array();
  for (const OperationTime& o : timing.operations) {
    list.push_back({{"name", o.name},
                    {"rows", o.rows},
                    {"in", o.in},
                    {"out", o.out},
                    {"multiply_adds", o.multiply_adds},
                    {"seconds", o.seconds},
                    {"share", o.seconds / timing.observed}});
  }
  return list;
}

ordered_json spread_json(const Spread& s) { return {{"median", s.median}, {"p10", s.p10}, {"p90", s.p90}}; }

std::string as_json(const Result& result) {
  ordered_json all{{"device", result.device.name()},
                   {"description", result.device.description()},
                   {"threads", result.device.threads()},
                   {"instruction_set", kernels::cpu_variant()},
                   {"precision", to_string(result.config.precision)},
                   {"generator", result.config.generator.widths},
                   {"discriminator", result.config.discriminator.widths},
                   {"flop_per_sample", result.flop_per_sample()},
                   {"peak_flop_per_second", result.peak},
                   {"batches", ordered_json::array()}};
  const bool on_cuda = result.device.kind() == DeviceKind::cuda;
  for (const StepTiming& t : result.timings) {
    ordered_json one{{"batch", t.batch},
                     {"steps_per_launch", on_cuda ? ordered_json(t.steps_per_launch) : ordered_json()},
                     {"measurements", t.measurements},
                     {"step_seconds", spread_json(t.step)},
                     {"flop_per_second", result.flops(t)},
                     {"share_of_peak", result.flops(t) / result.peak},
                     {"samples_per_second", result.samples_per_second(t)},
                     {"operations", operations_json(t)}};
    if (!t.operations.empty()) {
      one["observed_step_seconds"] = t.observed;
      one["operations_share"] = sum_of_operations(t) / t.observed;
    }
    all["batches"].push_back(std::move(one));
  }
  return all.dump(2) + "\n";
}

std::string milliseconds(double seconds) { return fmt::format("{:.4g}", 1e3 * seconds); }

std::string breakdown_text(const StepTiming& timing) {
  std::string text =
      fmt::format("\nbatch {}: one step, operation by operation\n{:<16} {:>7} {:>13} {:>10} {:>7} {:>9}\n",
                  timing.batch, "operation", "rows", "in x out", "us", "share", "GFLOP/s");
  for (const OperationTime& o : timing.operations) {
    const std::string size = o.in > 0 ? fmt::format("{} x {}", o.in, o.out) : std::to_string(o.out);
    const std::string speed =
        o.multiply_adds > 0 ? fmt::format("{:.1f}", 2e-9 * static_cast<double>(o.multiply_adds) / o.seconds)
                            : "";
    text += fmt::format("{:<16} {:>7} {:>13} {:>10.2f} {:>6.1f}% {:>9}\n", o.name, o.rows, size,
                        1e6 * o.seconds, 100 * o.seconds / timing.observed, speed);
  }
  return text + fmt::format("{:<16} {:>7} {:>13} {:>10.2f} {:>6.1f}%\n", "sum", "", "",
                            1e6 * sum_of_operations(timing),
                            100 * sum_of_operations(timing) / timing.observed);
}

std::string launch_text(std::int64_t steps) {
  if (steps == LoopOptions::kByOperation) return "operation";
  return steps == 0 ? "all steps" : fmt::format("{} step{}", steps, steps == 1 ? "" : "s");
}

std::string as_text(const Result& result) {
  std::string text =
      labelled("generator", widths_text(result.config.generator)) +
      labelled("discriminator", widths_text(result.config.discriminator)) +
      labelled("arithmetic", fmt::format("{:.0f} FLOP per sample and step, {}", result.flop_per_sample(),
                                         to_string(result.config.precision))) +
      labelled("peak", fmt::format("{:.1f} GFLOP/s measured", 1e-9 * result.peak));
  const bool on_cuda = result.device.kind() == DeviceKind::cuda;
  text +=
      fmt::format("\n{:>7} {}{:>10} {:>10} {:>10} {:>10} {:>8} {:>12}\n", "batch",
                  on_cuda ? "  a launch " : "", "step ms", "p10", "p90", "GFLOP/s", "of peak", "samples/s");
  for (const StepTiming& t : result.timings) {
    const std::string launch = on_cuda ? fmt::format("{:>10} ", launch_text(t.steps_per_launch)) : "";
    text += fmt::format("{:>7} {}{:>10} {:>10} {:>10} {:>10.1f} {:>7.1f}% {:>12}\n", t.batch, launch,
                        milliseconds(t.step.median), milliseconds(t.step.p10), milliseconds(t.step.p90),
                        1e-9 * result.flops(t), 100 * result.flops(t) / result.peak,
                        grouped(static_cast<std::uint64_t>(result.samples_per_second(t))));
  }
  for (const StepTiming& t : result.timings) {
    if (!t.operations.empty()) text += breakdown_text(t);
  }
  return text;
}

}  // namespace

int bench(const BenchOptions& options) {
  constexpr double kPeakSeconds = 0.3;
  Result result;
  result.device = Device::parse(options.device, options.threads);
  result.config.precision = parse_precision(options.precision);
  print_raw_message(labelled("device", device_text(result.device, options.device == "auto")));
  const Queue queue(result.device);
  const bool on_cuda = result.device.kind() == DeviceKind::cuda;
  const std::vector<std::int64_t> launches =
      on_cuda ? options.steps_per_launch : std::vector<std::int64_t>{0};
  for (const std::int64_t batch : options.batches) {
    for (const std::int64_t steps : launches) {
      // The ceiling is what the machine gave at its best moment, so it is looked for beside every
      // measurement.
      result.peak = std::max(result.peak, kernels::fma_peak(queue, kPeakSeconds));
      GanConfig config = result.config;
      config.batch = batch;
      result.timings.push_back(time_step(config, result.device, options.seconds, steps, options.plan));
      print_message(fmt::format("batch {}{}: {} ms a step", batch,
                                on_cuda ? ", a launch for " + launch_text(steps) : "",
                                milliseconds(result.timings.back().step.median)));
    }
  }
  result.peak = std::max(result.peak, kernels::fma_peak(queue, kPeakSeconds));
  print_data(options.json ? as_json(result) : as_text(result));
  return kDone;
}

}  // namespace agon::host
