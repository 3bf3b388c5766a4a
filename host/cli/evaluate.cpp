#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/atomic_file.hpp"
#include "engine/table/suggestion.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/evaluate/evaluation.hpp"
#include "host/run/console.hpp"
#include "host/run/records_file.hpp"
#include "host/table/read_table.hpp"
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

}  // namespace

int evaluate(const EvaluateOptions& options) {
  check_output(options.out, options.overwrite);
  const RecordsFile real = read_records_file({options.real, options.schema, {}, {}});
  require_sound(real, options.real);
  check_target(options.target, real.table);
  const TextTable synthetic = read_table(options.synthetic).table;
  std::optional<TextTable> held_out;
  if (!options.held_out.empty()) held_out = read_table(options.held_out).table;

  const Device device = Device::cpu();
  ComparedTables tables =
      compare_tables(real.table, synthetic, held_out ? &*held_out : nullptr, real.schema, device);
  EvaluationOptions asked;
  asked.target = options.target;
  asked.fidelity.seed = options.seed;
  asked.fidelity.rules = find_rules(real.table, real.schema, tables, device);
  const Evaluation evaluation = evaluate(std::move(tables), asked, device);
  const std::string json = to_json(evaluation) + "\n";
  if (!options.out.empty()) write_file_atomically(options.out, json);
  print_data(options.json ? json : to_text(evaluation));
  return kDone;
}

}  // namespace agon::host
