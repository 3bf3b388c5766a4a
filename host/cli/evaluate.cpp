#include <fmt/format.h>

#include <string>
#include <string_view>

#include "host/cli/commands.hpp"
#include "host/cli/evaluated_image_report.hpp"
#include "host/cli/evaluated_images.hpp"
#include "host/cli/evaluated_report.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/run/console.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

void evaluate_set_of_images(const EvaluateOptions& options,
                            const std::function<void(std::string_view)>& begins) {
  const EvaluatedImageReport found = evaluated_image_report(options, begins);
  for (const std::string& finding : found.findings)
    print_raw_message(printable_lines("note: " + finding) + "\n");
  const std::string json = found.json() + "\n";
  write_reports(options.out, json, found.html());
  print_data(options.json ? json : to_text(found.evaluation));
}

void evaluate_table(const EvaluateOptions& options, const std::function<void(std::string_view)>& begins) {
  if (options.real_images)
    throw ConfigurationError(fmt::format("--real-images: is for images; {} is of a table", options.real));
  if (!options.features.empty())
    throw ConfigurationError(fmt::format("--features: is for images; {} is of a table", options.real));
  const EvaluatedReport found = evaluated_report(options, begins);
  const std::string json = to_json(found.evaluation) + "\n";
  write_reports(options.out, json, found.html());
  print_data(options.json ? json : to_text(found.evaluation));
}

}  // namespace

int evaluate(const EvaluateOptions& options) {
  check_reports(options.out, options.overwrite);
  const auto begins = [&](std::string_view part) {
    if (!options.quiet) print_message(fmt::format("evaluating {} ...", part));
  };
  is_of_images(options) ? evaluate_set_of_images(options, begins) : evaluate_table(options, begins);
  return kDone;
}

}  // namespace agon::host
