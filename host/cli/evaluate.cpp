#include <fmt/format.h>

#include <string>
#include <string_view>

#include "host/cli/commands.hpp"
#include "host/cli/evaluated_report.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/run/console.hpp"

namespace agon::host {

int evaluate(const EvaluateOptions& options) {
  check_reports(options.out, options.overwrite);
  const EvaluatedReport found = evaluated_report(options, [&](std::string_view part) {
    if (!options.quiet) print_message(fmt::format("evaluating {} ...", part));
  });
  const std::string json = to_json(found.evaluation) + "\n";
  write_reports(options.out, json, found.html());
  print_data(options.json ? json : to_text(found.evaluation));
  return kDone;
}

}  // namespace agon::host
