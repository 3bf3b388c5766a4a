#include "bench/step/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>

#include "bench/step/cost.hpp"
#include "engine/checkpoint/config_json.hpp"
#include "engine/runtime/counters.hpp"
#include "host/cli/describe.hpp"
#include "host/run/console.hpp"
#include "kernels/cpu_variant.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

bool on_cuda(const StepReport& report) { return report.device.kind() == DeviceKind::cuda; }

double flop_per_sample(const GanConfig& config) {
  return 2.0 * static_cast<double>(step_multiply_adds(config)) / static_cast<double>(config.batch);
}

double samples_per_second(const StepTiming& t) { return static_cast<double>(t.batch) * t.steps_per_second(); }

double flops(const TimedStep& step) { return flop_per_sample(step.config) * samples_per_second(step.timing); }

/// How many times the steps of one replica by itself, otherwise timed alike; NaN where that was not timed.
double times_one(const StepReport& report, const TimedStep& step) {
  const StepTiming& t = step.timing;
  for (const TimedStep& other : report.steps) {
    const StepTiming& one = other.timing;
    if (one.replicas == 1 && other.name == step.name && one.batch == t.batch &&
        one.micro_batch == t.micro_batch && one.steps_per_launch == t.steps_per_launch)
      return t.steps_per_second() / one.steps_per_second();
  }
  return std::nan("");
}

double sum_of_operations(const StepTiming& timing) {
  return std::accumulate(timing.operations.begin(), timing.operations.end(), 0.0,
                         [](double sum, const OperationTime& o) { return sum + o.seconds; });
}

ordered_json operations_json(const StepTiming& timing) {
  if (timing.operations.empty()) return nullptr;
  ordered_json list = ordered_json::array();
  for (const OperationTime& o : timing.operations) {
    list.push_back({{"name", o.operation.name},
                    {"rows", o.operation.rows},
                    {"in", o.operation.in},
                    {"out", o.operation.out},
                    {"multiply_adds", o.operation.multiply_adds},
                    {"seconds", o.seconds},
                    {"share", o.seconds / timing.observed}});
  }
  return list;
}

ordered_json spread_json(const Spread& s) {
  return {{"median", s.median}, {"p10", s.p10}, {"p90", s.p90}, {"mean", s.mean}};
}

ordered_json step_json(const StepReport& report, const TimedStep& step) {
  const StepTiming& t = step.timing;
  ordered_json one{{"name", step.name},
                   {"batch", t.batch},
                   {"micro_batch", t.micro_batch},
                   {"replicas", t.replicas},
                   {"steps_per_launch", on_cuda(report) ? ordered_json(t.steps_per_launch) : ordered_json()},
                   {"measurements", t.measurements},
                   {"step_seconds", spread_json(t.step)},
                   {"times_plain", nullptr},
                   {"steps_per_second_each", 1 / t.step.median},
                   {"steps_per_second", t.steps_per_second()},
                   {"times_one_replica", times_one(report, step)},
                   {"flop_per_sample", flop_per_sample(step.config)},
                   {"flop_per_second", flops(step)},
                   {"share_of_peak", flops(step) / report.peak},
                   {"samples_per_second", samples_per_second(t)},
                   {"configuration", ordered_json::parse(to_json(step.config))},
                   {"operations", operations_json(t)}};
  if (step.times_plain)
    one["times_plain"] = {{"median", step.times_plain->median},
                          {"lower_quartile", step.times_plain->lower},
                          {"upper_quartile", step.times_plain->upper},
                          {"rounds", t.rounds.size()}};
  if (!t.operations.empty()) {
    one["observed_step_seconds"] = t.observed;
    one["operations_share"] = sum_of_operations(t) / t.observed;
  }
  return one;
}

std::string milliseconds(double seconds) { return fmt::format("{:.4g}", 1e3 * seconds); }

std::string breakdown_text(const StepReport& report, const TimedStep& step) {
  const StepTiming& timing = step.timing;
  std::string text =
      fmt::format("\n{}batch {}: one step, operation by operation\n{:<16} {:>7} {:>13} {:>10} {:>7} {:>9}\n",
                  report.compared ? step.name + ", " : "", timing.batch, "operation", "rows", "in x out",
                  "us", "share", "GFLOP/s");
  for (const OperationTime& o : timing.operations) {
    const std::string size = o.operation.in > 0 ? fmt::format("{} x {}", o.operation.in, o.operation.out)
                                                : std::to_string(o.operation.out);
    const std::string speed =
        o.operation.multiply_adds > 0
            ? fmt::format("{:.1f}", 2e-9 * static_cast<double>(o.operation.multiply_adds) / o.seconds)
            : "";
    text += fmt::format("{:<16} {:>7} {:>13} {:>10.2f} {:>6.1f}% {:>9}\n", o.operation.name, o.operation.rows,
                        size, 1e6 * o.seconds, 100 * o.seconds / timing.observed, speed);
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
  std::function<std::string(const TimedStep&)> text;
};

std::string per_second(double rate) {
  return rate < 100 ? fmt::format("{:.3g}", rate) : grouped(std::llround(rate));
}

std::string times_one_text(const StepReport& report, const TimedStep& step) {
  const double ratio = times_one(report, step);
  return std::isnan(ratio) ? "" : fmt::format("{:.2f}", ratio);
}

std::string quartiles_text(const TimedStep& step) {
  return step.times_plain ? fmt::format("{:.3f}-{:.3f}", step.times_plain->lower, step.times_plain->upper)
                          : "";
}

std::vector<TableColumn> table_columns(const StepReport& report) {
  const auto any = [&](auto tells) {
    return std::any_of(report.steps.begin(), report.steps.end(),
                       [&](const TimedStep& step) { return tells(step.timing); });
  };
  const bool pieces = any([](const StepTiming& t) { return t.micro_batch != t.batch; });
  const bool replicas = any([](const StepTiming& t) { return t.replicas > 1; });
  const auto of = [](auto text) { return [=](const TimedStep& step) { return text(step.timing); }; };
  return {{report.compared, "step", [](const auto& step) { return step.name; }},
          {true, "batch", of([](const auto& t) { return std::to_string(t.batch); })},
          {pieces, "micro-batch", of([](const auto& t) { return std::to_string(t.micro_batch); })},
          {replicas, "replicas", of([](const auto& t) { return std::to_string(t.replicas); })},
          {on_cuda(report), "a launch", of([](const auto& t) { return launch_text(t.steps_per_launch); })},
          {true, "step ms", of([](const auto& t) { return milliseconds(t.step.median); })},
          {true, "p10", of([](const auto& t) { return milliseconds(t.step.p10); })},
          {true, "p90", of([](const auto& t) { return milliseconds(t.step.p90); })},
          {report.compared, "times plain",
           [](const auto& step) {
             return step.times_plain ? fmt::format("{:.3f}", step.times_plain->median) : "";
           }},
          {report.compared, "quartiles", quartiles_text},
          {replicas, "steps/s each", of([](const auto& t) { return per_second(1 / t.step.median); })},
          {replicas, "in all", of([](const auto& t) { return per_second(t.steps_per_second()); })},
          {replicas, "times one", [&](const auto& step) { return times_one_text(report, step); }},
          {true, "GFLOP/s", [](const auto& step) { return fmt::format("{:.1f}", 1e-9 * flops(step)); }},
          {true, "of peak",
           [&](const auto& step) { return fmt::format("{:.1f}%", 100 * flops(step) / report.peak); }},
          {true, "samples/s", of([](const auto& t) { return per_second(samples_per_second(t)); })}};
}

std::string table_text(const StepReport& report) {
  const std::vector<TableColumn> columns = table_columns(report);
  const auto line = [&](const auto& cell) {
    std::string row;
    for (const TableColumn& column : columns) {
      if (!column.shown) continue;
      const std::size_t width = column.title == "step" ? 16 : std::max<std::size_t>(10, column.title.size());
      row += fmt::format("{}{:>{}}", row.empty() ? "" : " ", cell(column), width);
    }
    return row + "\n";
  };
  std::string text = line([](const TableColumn& column) { return column.title; });
  for (const TimedStep& step : report.steps)
    text += line([&](const TableColumn& column) { return column.text(step); });
  return text;
}

}  // namespace

std::string steps_json(const StepReport& report) {
  const GanConfig& first = report.steps.front().config;
  ordered_json all{{"device", report.device.name()},
                   {"description", report.device.description()},
                   {"threads", report.device.threads()},
                   {"instruction_set", kernels::cpu_variant()},
                   {"precision", to_string(first.precision)},
                   {"generator", first.generator.widths},
                   {"discriminator", first.discriminator.widths},
                   {"flop_per_sample", flop_per_sample(first)},
                   {"peak_flop_per_second", report.peak},
                   {"graphs_without_programmatic_edges",
                    on_cuda(report) ? ordered_json(runtime_counters().refused_edges) : ordered_json()},
                   {"batches", ordered_json::array()}};
  for (const TimedStep& step : report.steps) all["batches"].push_back(step_json(report, step));
  return all.dump(2) + "\n";
}

std::string steps_text(const StepReport& report) {
  const GanConfig& first = report.steps.front().config;
  std::string text =
      labelled("generator", widths_text(first.generator)) +
      labelled("discriminator", widths_text(first.discriminator)) +
      labelled("arithmetic", fmt::format("{:.0f} FLOP per sample and {}step, {}", flop_per_sample(first),
                                         report.compared ? "plain " : "", to_string(first.precision))) +
      labelled("peak", fmt::format("{:.1f} GFLOP/s measured", 1e-9 * report.peak)) + "\n" +
      table_text(report);
  for (const TimedStep& step : report.steps)
    if (!step.timing.operations.empty()) text += breakdown_text(report, step);
  return text;
}

std::string timed_text(const StepReport& report, const TimedStep& step) {
  const StepTiming& t = step.timing;
  return fmt::format(
      "{}batch {}{}{}{}: {} ms a step{}", report.compared ? step.name + ", " : "", t.batch,
      t.micro_batch != t.batch ? fmt::format(", {} at a time", t.micro_batch) : "",
      on_cuda(report) ? ", a launch for " + launch_text(t.steps_per_launch) : "",
      t.replicas > 1 ? fmt::format(", {} replicas", t.replicas) : "", milliseconds(t.step.median),
      step.times_plain ? fmt::format(", {:.3f} times the plain one", step.times_plain->median) : "");
}

}  // namespace agon::host
