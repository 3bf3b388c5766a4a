#include <fmt/chrono.h>
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "engine/runtime/atomic_file.hpp"
#include "engine/table/suggestion.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/evaluated_tables.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/evaluate/evaluation.hpp"
#include "host/report/evaluation/page.hpp"
#include "host/run/console.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

void check_target(const std::string& target, const TextTable& real) {
  if (target.empty() || real.find(target) >= 0) return;
  std::vector<std::string> names;
  for (const TextColumn& column : real.columns) names.push_back(column.name);
  throw ConfigurationError(fmt::format("--target: the real table has no column {}{}", in_quotes(target),
                                       suggestion(target, names)));
}

/// A date is no length of time; only the schema knows it.
void check_time(const std::string& time, const Schema& schema) {
  const auto column = std::ranges::find(schema.columns, time, &ColumnSchema::name);
  if (column == schema.columns.end() || !column->is_moment()) return;
  throw ConfigurationError(fmt::format(
      "--time: {} is a date or a time of day; a column of how long each was followed, in days say, is needed",
      in_quotes(time)));
}

/// "agon evaluate --out report.html --out figures.json"
void write_outputs(const std::vector<std::string>& paths, const std::string& json, const std::string& page) {
  for (const std::string& path : paths) write_file_atomically(path, path.ends_with(".json") ? json : page);
}

void check_outputs(const std::vector<std::string>& paths, bool overwrite) {
  for (const std::string& path : paths) {
    if (!path.ends_with(".html") && !path.ends_with(".json"))
      throw ConfigurationError(fmt::format("--out {}: a report ends in .html, its figures in .json", path));
    check_output(path, overwrite);
  }
}

AboutRows about_rows(AboutRows about, const EvaluateOptions& options, double seconds) {
  if (!options.target.empty()) about.emplace_back("target", options.target);
  if (!options.time.empty()) about.emplace_back("survival", options.time + " until " + options.event);
  about.emplace_back("seed", std::to_string(options.seed));
  const std::time_t now = std::time(nullptr);
  about.emplace_back("date",
                     fmt::format("{:%Y-%m-%d %H:%M} UTC, after {}", fmt::gmtime(now), duration(seconds)));
  about.emplace_back("program", "agon " + options.version);
  return about;
}

/// Numbers of dates and times as the table spells them; others short.
std::function<std::string(std::int64_t, double)> speller(const ComparedTables& tables, const Schema& schema) {
  std::vector<const ColumnSchema*> of;
  for (const ComparedColumn& column : tables.columns)
    of.push_back(&*std::ranges::find(schema.columns, column.name, &ColumnSchema::name));
  return [of](std::int64_t column, double value) {
    const ColumnSchema& found = *of[static_cast<std::size_t>(column)];
    return found.is_moment() ? spell(value, found) : fmt::format("{:.6g}", value);
  };
}

}  // namespace

int evaluate(const EvaluateOptions& options) {
  check_outputs(options.out, options.overwrite);
  const auto begin = std::chrono::steady_clock::now();
  const Device device = Device::parse(options.device, options.threads);
  const int threads = Device::cpu(options.threads).threads();  // models and counts stay on the processor
  omp_set_num_threads(threads);
  EvaluatedTables given = evaluated_tables(options, device);
  check_target(options.target, given.real);
  check_time(options.time, given.schema);
  if (options.row > given.synthetic.rows)
    throw ConfigurationError(
        fmt::format("--row {}: the synthetic table has {} rows", options.row, given.synthetic.rows));
  ComparedTables tables = compare_tables(given.real, given.synthetic,
                                         given.held_out ? &*given.held_out : nullptr, given.schema, device);
  EvaluationOptions asked;
  asked.target = options.target;
  asked.time = options.time;
  asked.event = options.event;
  asked.seed = options.seed;
  asked.discriminator = given.discriminator;
  asked.row = options.row;
  asked.of_row = given.of_row;
  asked.threads = threads;
  asked.rules = find_rules(given.real, given.schema, tables, device);
  asked.spell = speller(tables, given.schema);
  if (!options.quiet)
    asked.begins = [](std::string_view part) { print_message(fmt::format("evaluating {} ...", part)); };
  const Evaluation evaluation = evaluate(std::move(tables), asked, device);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const std::string json = to_json(evaluation) + "\n";
  if (!options.out.empty())
    write_outputs(
        options.out, json,
        evaluation_page_html(evaluation,
                             {given.title, about_rows(given.about, options, took.count()), asked.spell}));
  print_data(options.json ? json : to_text(evaluation));
  return kDone;
}

}  // namespace agon::host
