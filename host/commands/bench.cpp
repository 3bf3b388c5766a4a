#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/runtime/counters.hpp"
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
  bool on_cuda() const { return device.kind() == DeviceKind::cuda; }
  double samples_per_second(const StepTiming& t) const {
    return static_cast<double>(t.batch) * t.steps_per_second();
  }
  /// How many times the steps of one replica by itself, otherwise timed alike; NaN where that was not timed.
  double times_one(const StepTiming& t) const {
    for (const StepTiming& one : timings)
      if (one.replicas == 1 && one.batch == t.batch && one.micro_batch == t.micro_batch &&
          one.steps_per_launch == t.steps_per_launch)
        return t.steps_per_second() / one.steps_per_second();
    return std::nan("");
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
                   {"graphs_without_programmatic_edges",
                    result.on_cuda() ? ordered_json(runtime_counters().refused_edges) : ordered_json()},
                   {"batches", ordered_json::array()}};
  for (const StepTiming& t : result.timings) {
    ordered_json one{
        {"batch", t.batch},
        {"micro_batch", t.micro_batch},
        {"replicas", t.replicas},
        {"steps_per_launch", result.on_cuda() ? ordered_json(t.steps_per_launch) : ordered_json()},
        {"measurements", t.measurements},
        {"step_seconds", spread_json(t.step)},
        {"steps_per_second_each", 1 / t.step.median},
        {"steps_per_second", t.steps_per_second()},
        {"times_one_replica", result.times_one(t)},
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

/// A column that is shown only where it tells something.
struct TableColumn {
  bool shown;
  std::string title;
  std::function<std::string(const StepTiming&)> text;
};

std::vector<TableColumn> table_columns(const Result& result) {
  const auto any = [&](auto tells) {
    return std::any_of(result.timings.begin(), result.timings.end(), tells);
  };
  const bool pieces = any([](const StepTiming& t) { return t.micro_batch != t.batch; });
  const bool replicas = any([](const StepTiming& t) { return t.replicas > 1; });
  const auto per_second = [](double rate) {
    return rate < 100 ? fmt::format("{:.3g}", rate) : grouped(std::llround(rate));
  };
  const auto times = [&](const StepTiming& t) {
    const double ratio = result.times_one(t);
    return std::isnan(ratio) ? "" : fmt::format("{:.2f}", ratio);
  };
  return {{true, "batch", [](const auto& t) { return std::to_string(t.batch); }},
          {pieces, "micro-batch", [](const auto& t) { return std::to_string(t.micro_batch); }},
          {replicas, "replicas", [](const auto& t) { return std::to_string(t.replicas); }},
          {result.on_cuda(), "a launch", [](const auto& t) { return launch_text(t.steps_per_launch); }},
          {true, "step ms", [](const auto& t) { return milliseconds(t.step.median); }},
          {true, "p10", [](const auto& t) { return milliseconds(t.step.p10); }},
          {true, "p90", [](const auto& t) { return milliseconds(t.step.p90); }},
          {replicas, "steps/s each", [=](const auto& t) { return per_second(1 / t.step.median); }},
          {replicas, "in all", [=](const auto& t) { return per_second(t.steps_per_second()); }},
          {replicas, "times one", times},
          {true, "GFLOP/s", [&](const auto& t) { return fmt::format("{:.1f}", 1e-9 * result.flops(t)); }},
          {true, "of peak",
           [&](const auto& t) { return fmt::format("{:.1f}%", 100 * result.flops(t) / result.peak); }},
          {true, "samples/s", [&](const auto& t) { return per_second(result.samples_per_second(t)); }}};
}

std::string as_text(const Result& result) {
  std::string text =
      labelled("generator", widths_text(result.config.generator)) +
      labelled("discriminator", widths_text(result.config.discriminator)) +
      labelled("arithmetic", fmt::format("{:.0f} FLOP per sample and step, {}", result.flop_per_sample(),
                                         to_string(result.config.precision))) +
      labelled("peak", fmt::format("{:.1f} GFLOP/s measured", 1e-9 * result.peak)) + "\n";
  const std::vector<TableColumn> columns = table_columns(result);
  const auto line = [&](const auto& cell) {
    std::string row;
    for (const TableColumn& column : columns)
      if (column.shown)
        row += fmt::format("{}{:>{}}", row.empty() ? "" : " ", cell(column),
                           std::max<std::size_t>(10, column.title.size()));
    return row + "\n";
  };
  text += line([](const TableColumn& column) { return column.title; });
  for (const StepTiming& t : result.timings)
    text += line([&](const TableColumn& column) { return column.text(t); });
  for (const StepTiming& t : result.timings) {
    if (!t.operations.empty()) text += breakdown_text(t);
  }
  return text;
}

/// Every combination of what was asked for.
std::vector<StepCase> cases_of(const BenchOptions& options, const Result& result) {
  const auto launches = result.on_cuda() ? options.steps_per_launch : std::vector<std::int64_t>{0};
  std::vector<StepCase> cases;
  for (const std::int64_t batch : options.batches) {
    for (const std::int64_t micro_batch : options.micro_batches) {
      for (const std::int64_t steps : launches) {
        for (const int replicas : options.replicas) {
          cases.push_back({result.config, steps, replicas});
          cases.back().config.batch = batch;
          cases.back().config.micro_batch = micro_batch;
        }
      }
    }
  }
  return cases;
}

std::string case_text(const StepTiming& t, bool on_cuda) {
  return fmt::format("batch {}{}{}{}: {} ms a step", t.batch,
                     t.micro_batch != t.batch ? fmt::format(", {} at a time", t.micro_batch) : "",
                     on_cuda ? ", a launch for " + launch_text(t.steps_per_launch) : "",
                     t.replicas > 1 ? fmt::format(", {} replicas", t.replicas) : "",
                     milliseconds(t.step.median));
}

}  // namespace

int bench(const BenchOptions& options) {
  constexpr double kPeakSeconds = 0.3;
  Result result;
  result.device = Device::parse(options.device, options.threads);
  result.config.precision = parse_precision(options.precision);
  print_raw_message(labelled("device", device_text(result.device, options.device == "auto")));
  const Queue queue(result.device);
  for (const StepCase& one : cases_of(options, result)) {
    // The ceiling is what the machine gave at its best moment, so it is looked for beside every
    // measurement.
    result.peak = std::max(result.peak, kernels::fma_peak(queue, kPeakSeconds));
    result.timings.push_back(time_step(one, result.device, options.seconds, options.plan));
    print_message(case_text(result.timings.back(), result.on_cuda()));
  }
  result.peak = std::max(result.peak, kernels::fma_peak(queue, kPeakSeconds));
  if (const std::uint64_t refused = runtime_counters().refused_edges; refused > 0)
    print_message(fmt::format("{} graphs without programmatic edges: the driver refused them", refused));
  print_data(options.json ? as_json(result) : as_text(result));
  return kDone;
}

}  // namespace agon::host
