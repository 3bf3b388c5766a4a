#include <fmt/format.h>

#include "engine/runtime/atomic_file.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/evaluate/report.hpp"
#include "host/run/console.hpp"
#include "host/table/csv.hpp"

namespace agon::host {

int evaluate(const EvaluateOptions& options) {
  check_output(options.out, options.overwrite);
  const Table real = read_csv(options.real, {.for_training = false});
  const Table synthetic = read_csv(options.synthetic, {.for_training = false});
  const Quality quality =
      evaluate_quality(real, synthetic, {.correlation_threshold = options.correlation_threshold});
  const std::string json = to_json(quality) + "\n";
  if (!options.out.empty()) write_file_atomically(options.out, json);
  print_data(options.json ? json : to_text(quality));
  return kDone;
}

}  // namespace agon::host
