#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/runtime/atomic_file.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/evaluated_report.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/run/console.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

void check_outputs(const std::vector<std::string>& paths, bool overwrite) {
  for (const std::string& path : paths) {
    if (!path.ends_with(".html") && !path.ends_with(".json"))
      throw ConfigurationError(fmt::format("--out {}: a report ends in .html, its figures in .json", path));
    check_output(path, overwrite);
  }
}

}  // namespace

int evaluate(const EvaluateOptions& options) {
  check_outputs(options.out, options.overwrite);
  const EvaluatedReport found = evaluated_report(options, [&](std::string_view part) {
    if (!options.quiet) print_message(fmt::format("evaluating {} ...", part));
  });
  const std::string json = to_json(found.evaluation) + "\n";
  for (const std::string& path : options.out)
    write_file_atomically(path, path.ends_with(".json") ? json : found.html());
  print_data(options.json ? json : to_text(found.evaluation));
  return kDone;
}

}  // namespace agon::host
