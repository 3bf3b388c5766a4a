#include <fmt/format.h>

#include "engine/checkpoint/snapshot_layout.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/run/console.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/run_folder.hpp"

namespace agon::host {

int export_generator(const ExportOptions& options) {
  check_output(options.out, options.overwrite);
  const FoundCheckpoint found =
      find_checkpoint(options.source, options.which == "best" ? Which::best : Which::last);
  for (const std::string& line : found.damaged) print_message("agon: passed over " + line);
  const Checkpoint& whole = found.checkpoint;
  Checkpoint alone{whole.config, generator_of(whole.snapshot, whole.config), whole.device, whole.threads, {}};
  store(stored_identity(whole, found.path.string()), alone);
  const bool to_file = options.out != "-";
  if (to_file) {
    write_checkpoint(options.out, alone);
  } else {
    print_data(serialize_checkpoint(alone));
  }
  if (!options.quiet)
    print_message(fmt::format("{}: the generator of step {} of {}, to draw from with agon sample",
                              to_file ? options.out : "standard output", grouped(whole.snapshot.step),
                              found.path.string()));
  return kDone;
}

}  // namespace agon::host
