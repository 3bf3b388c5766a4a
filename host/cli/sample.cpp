#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/runtime/atomic_file.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/cli/sample_images.hpp"
#include "host/run/console.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/interrupt.hpp"
#include "host/run/real_table.hpp"
#include "host/run/representation.hpp"
#include "host/run/run_folder.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// What make() gives; what is wrong with a flag's value begins with the flag.
template <class Make>
auto of_flag(const char* flag, const Make& make) {
  try {
    return make();
  } catch (const ConfigurationError& error) {
    throw ConfigurationError(fmt::format("{}: {}", flag, error.what()));
  }
}

void refuse_for_numbers(const SampleOptions& options) {
  const std::pair<const char*, const std::string*> of_records[] = {
      {"--where", &options.where}, {"--balance", &options.balance}, {"--table", &options.table}};
  for (const auto& [flag, value] : of_records)
    if (!value->empty())
      throw ConfigurationError(
          fmt::format("{}: this run learnt a table of numbers; --coding records takes it", flag));
}

DrawRequest request_of(const SampleOptions& options, const Representation& representation) {
  if (!options.classes.empty())
    throw ConfigurationError("--class: this run has learnt a table, not images; --where asks for records");
  DrawRequest request{.count = options.count, .seed = options.seed};
  if (!representation.of_records()) {
    refuse_for_numbers(options);
    return request;
  }
  const Coding& coding = *representation.coding;
  request.where = of_flag("--where", [&] { return Conditions(options.where, coding); });
  if (!options.balance.empty()) {
    request.balance = of_flag("--balance", [&] { return Balance(options.balance, coding); });
    of_flag("--balance", [&] {  // now, not after a draw has begun
      request.balance->share_out(options.count, std::array{request.where, Conditions(coding.schema())});
      return true;
    });
  }
  return request;
}

[[noreturn]] void report_shortage(const DrawResult& result, const SampleOptions& options) {
  const char* flag = !options.balance.empty() ? "--balance: " : !options.where.empty() ? "--where " : "";
  throw Error(fmt::format("{}{}{}", flag, result.shortage,
                          result.copies > 0 ? "; --allow-copies draws copies, too" : ""));
}

/// A table of few possible records has its own again by chance. Without them columns' shares change, and what
/// is missing shows what is real.
void report_copies(const DrawResult& result, bool quiet) {
  constexpr double kMany = 0.05;
  const auto copies = static_cast<std::uint64_t>(result.copies);
  const auto drawn = copies + static_cast<std::uint64_t>(result.written);
  if (static_cast<double>(copies) > kMany * static_cast<double>(drawn)) {
    print_message(fmt::format(
        "agon: warning: of {} records drawn {} equalled real ones and were drawn again: so many "
        "change the columns' shares, and what is missing shows what is real; --allow-copies keeps them",
        grouped(drawn), grouped(copies)));
  } else if (copies > 0 && !quiet) {
    print_message(fmt::format("agon: drawn again, as they were copies of real records: {}", grouped(copies)));
  }
}

/// False where Ctrl-C cut it short.
bool draw(const Gan& gan, const Representation& representation, const DrawRequest& request,
          const SampleOptions& options, const CsvDraw::Sink& sink) {
  CsvDraw draw(gan, representation, sink);
  for (const std::string& warning : draw.warnings()) print_message("agon: warning: " + warning);
  const DrawResult result = draw.draw(request, [] { return !InterruptGuard::requested(); });
  if (!result.finite) throw DataError("the generator's output is not finite: nothing is drawn");
  if (result.scarce) report_shortage(result, options);
  if (result.written < options.count) return false;
  draw.finish();
  report_copies(result, options.quiet);
  return true;
}

/// Of a run of records, unless copies are allowed; says so where the real ones are not known.
std::optional<RealRecords> real_records(const SampleOptions& options, const FoundCheckpoint& found,
                                        const DataIdentity& data) {
  if (options.allow_copies && !options.table.empty())
    throw ConfigurationError("--allow-copies looks at no table: leave out --table");
  if (options.allow_copies || !data.representation.of_records()) return std::nullopt;
  RealTable real = read_real_table(found, data, options.table);
  if (!real.records)
    print_message(
        fmt::format("agon: copies of real records could not be looked for: {}; --table FILE names the table",
                    real.why_not));
  return std::move(real.records);
}

/// Draws into options.out or standard output. False where Ctrl-C cut it short.
bool draw_records(const Gan& gan, const FoundCheckpoint& found, const DataIdentity& data,
                  const SampleOptions& options) {
  DrawRequest request = request_of(options, data.representation);
  const std::optional<RealRecords> real = real_records(options, found, data);
  if (real) request.never = &*real;
  if (is_standard_output(options.out)) return draw(gan, data.representation, request, options, print_data);
  AtomicFile file(options.out);
  if (!draw(gan, data.representation, request, options, [&](std::string_view text) { file.write(text); }))
    return false;
  file.commit();
  return true;
}

void report_drawn(const Gan& gan, const FoundCheckpoint& found, const SampleOptions& options) {
  print_message(fmt::format("{}: {} {} from step {} of {}", options.out,
                            grouped(static_cast<std::uint64_t>(options.count)),
                            options.interpolate > 0    ? "paths between images"
                            : gan.config().of_images() ? "images"
                                                       : "records",
                            grouped(gan.steps()), found.path.string()));
  if (options.which == "last" && std::filesystem::is_directory(options.source) &&
      std::filesystem::exists(RunFolder::open(options.source).best()))
    print_message(fmt::format("this is the last step; the one that did best by the held-out {}: --which best",
                              gan.config().of_images() ? "images" : "rows"));
}

}  // namespace

int sample(const SampleOptions& options) {
  const FoundCheckpoint found =
      find_checkpoint(options.source, options.which == "best" ? Which::best : Which::last);
  for (const std::string& line : found.damaged) print_message("agon: passed over " + line);
  const DataIdentity data = stored_identity(found.checkpoint, found.path.string());
  const bool of_images = data.representation.of_images();
  if (options.interpolate > 0 && !of_images)
    throw ConfigurationError("--interpolate: is for images; this run has learnt a table");
  of_images ? check_sample_images(options, data.representation.classes)
            : check_output(options.out, options.overwrite);
  if (!of_images) request_of(options, data.representation);  // now, not when all is ready
  Gan gan(found.checkpoint.config, Device::parse(options.device, options.threads));
  gan.restore(found.checkpoint.snapshot);
  if (!options.weights.empty())
    gan.draw_from(options.weights == "average" ? Weights::average : Weights::last);
  const InterruptGuard guard;
  const bool to_file = !is_standard_output(options.out);
  if (to_file) remove_stale_temporaries(std::filesystem::absolute(options.out).parent_path());
  const bool whole = of_images ? sample_images(gan, data.representation.classes, options,
                                               [] { return !InterruptGuard::requested(); })
                               : draw_records(gan, found, data, options);
  if (!whole) {
    if (to_file) print_message(fmt::format("agon: interrupted; {} was not written", options.out));
    return kInterrupted;
  }
  if (to_file && !options.quiet) report_drawn(gan, found, options);
  return kDone;
}

}  // namespace agon::host
