#include "host/cli/evaluated_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "engine/runtime/thread_pool.hpp"
#include "host/cli/evaluated_tables.hpp"
#include "host/cli/output_file.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

AboutRows about_rows(AboutRows about, const EvaluateOptions& options, double seconds) {
  if (!options.target.empty()) about.emplace_back("target", options.target);
  if (!options.time.empty()) about.emplace_back("survival", options.time + " until " + options.event);
  about.emplace_back("seed", std::to_string(options.seed));
  about.emplace_back("date", date_text(seconds));
  about.emplace_back("program", "agon " AGON_VERSION);
  return about;
}

/// A date is no length of time; only the schema knows it.
void check_time(const std::string& time, const Schema& schema) {
  const auto column = std::ranges::find(schema.columns, time, &ColumnSchema::name);
  if (column == schema.columns.end() || !column->is_moment()) return;
  throw ConfigurationError(fmt::format(
      "--time: {} is a date or a time of day; a column of how long each was followed, in days say, is needed",
      in_quotes(time)));
}

/// Numbers of dates and times as the table spells them; others short.
std::function<std::string(std::int64_t, double)> speller(const ComparedTables& tables, const Schema& schema) {
  std::vector<ColumnSchema> of;
  for (const ComparedColumn& column : tables.columns)
    of.push_back(*std::ranges::find(schema.columns, column.name, &ColumnSchema::name));
  return [of = std::move(of)](std::int64_t column, double value) {
    const ColumnSchema& found = of[static_cast<std::size_t>(column)];
    return found.is_moment() ? spell(value, found) : fmt::format("{:.6g}", value);
  };
}

}  // namespace

std::string EvaluatedReport::html() const {
  return report_html({title, training ? &training->part() : nullptr, &evaluation, &page});
}

EvaluatedReport evaluated_report(const EvaluateOptions& options,
                                 const std::function<void(std::string_view part)>& begins) {
  const auto begin = std::chrono::steady_clock::now();
  const Device device = Device::parse(options.device, options.threads);
  const int threads = Device::cpu(options.threads).threads();  // models and counts stay on the processor
  set_host_threads(threads);
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
  asked.constraints = check_declared(given.schema, tables);
  asked.spell = speller(tables, given.schema);
  asked.begins = begins;
  Evaluation evaluation = evaluate(std::move(tables), asked, device);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return {std::move(given.title),
          std::move(evaluation),
          {about_rows(std::move(given.about), options, took.count()), asked.spell},
          std::move(given.training)};
}

}  // namespace agon::host
