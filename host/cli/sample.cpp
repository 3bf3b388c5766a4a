#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string_view>

#include "engine/runtime/atomic_file.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/run/console.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/interrupt.hpp"
#include "host/run/representation.hpp"
#include "host/run/run_folder.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// Those that fulfil --where. False where Ctrl-C cut it short; throws Error where too few are found.
bool draw_those(RecordDraw& draw, const Representation& representation, const SampleOptions& options) {
  if (!representation.of_records())
    throw ConfigurationError(
        "--where: this run learnt a table of numbers; --coding records takes conditions");
  const Conditions wanted(options.where, *representation.coding);
  const RecordDraw::Found found =
      draw.write_those(wanted, options.count, [] { return !InterruptGuard::requested(); });
  if (found.written == options.count) return true;
  if (InterruptGuard::requested()) return false;
  throw Error(
      fmt::format("--where {}: of {} records drawn {} fulfil it, too few for {}: the run holds next to "
                  "none of them",
                  wanted.text(), grouped(static_cast<std::uint64_t>(found.looked_at)),
                  grouped(static_cast<std::uint64_t>(found.written)),
                  grouped(static_cast<std::uint64_t>(options.count))));
}

/// Draws in pieces, so that a long draw needs no more memory than a short one. False where Ctrl-C cut it
/// short.
bool draw(const Gan& gan, const Representation& representation, const SampleOptions& options,
          const RecordDraw::Sink& sink) {
  constexpr std::int64_t kPiece = 1 << 14;
  RecordDraw draw(gan, representation, options.seed, sink);
  for (const std::string& warning : draw.warnings()) print_message("agon: warning: " + warning);
  if (!options.where.empty()) {
    if (!draw_those(draw, representation, options)) return false;
    draw.finish();
    return true;
  }
  for (std::int64_t first = 0; first < options.count; first += kPiece) {
    if (InterruptGuard::requested()) return false;
    if (!draw.write(first, std::min(kPiece, options.count - first)))
      throw DataError("the generator's output is not finite: nothing is drawn");
  }
  draw.finish();
  return true;
}

}  // namespace

int sample(const SampleOptions& options) {
  check_output(options.out, options.overwrite);
  const FoundCheckpoint found =
      find_checkpoint(options.source, options.which == "best" ? Which::best : Which::last);
  for (const std::string& line : found.damaged) print_message("agon: passed over " + line);
  const DataIdentity data = stored_identity(found.checkpoint, found.path.string());
  Gan gan(found.checkpoint.config, Device::parse(options.device, options.threads));
  gan.restore(found.checkpoint.snapshot);
  if (!options.weights.empty())
    gan.draw_from(options.weights == "average" ? Weights::average : Weights::last);
  const InterruptGuard guard;
  if (options.out.empty()) {
    return draw(gan, data.representation, options, print_data) ? kDone : kInterrupted;
  }
  remove_stale_temporaries(std::filesystem::absolute(options.out).parent_path());
  AtomicFile file(options.out);
  if (!draw(gan, data.representation, options, [&](std::string_view text) { file.write(text); })) {
    print_message(fmt::format("agon: interrupted; {} was not written", options.out));
    return kInterrupted;
  }
  file.commit();
  if (!options.quiet) {
    print_message(fmt::format("{}: {} records from step {} of {}", options.out,
                              grouped(static_cast<std::uint64_t>(options.count)), grouped(gan.steps()),
                              found.path.string()));
    if (options.which == "last" && std::filesystem::is_directory(options.source) &&
        std::filesystem::exists(RunFolder::open(options.source).best()))
      print_message("this is the last step; the one that did best by the held-out rows: --which best");
  }
  return kDone;
}

}  // namespace agon::host
