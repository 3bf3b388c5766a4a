#include "host/cli/final_report.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "engine/runtime/atomic_file.hpp"
#include "host/cli/evaluated_image_report.hpp"
#include "host/cli/evaluated_report.hpp"
#include "host/cli/run_facts.hpp"
#include "host/run/console.hpp"
#include "host/run/interrupt.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// Leaves the evaluation from inside it.
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted") {}
};

/// An evaluation's page, figures and short verdict.
struct FinalReport {
  std::string html, json, in_short;
  bool may_show_patients = false;  ///< of images: the pictures of the run
};

/// `trained`: a row of what was compared.
FinalReport evaluated_run(const TrainSetup& plan, const std::string& trained, bool quiet) {
  EvaluateOptions options;
  options.real = plan.folder.string();
  options.target = plan.settings.run.target;
  options.device = plan.settings.device.name;
  options.threads = static_cast<int>(plan.settings.device.threads);
  const auto begins = [quiet](std::string_view part) {
    if (InterruptGuard::requested()) throw Interrupted();
    if (!quiet) print_message(fmt::format("evaluating {} ...", part));
  };
  const bool images = plan.data.representation.of_images();
  const auto of = [&](auto found, const auto& json) -> FinalReport {
    found.page.about.emplace_back("trained", trained);
    return {found.html(), json(found), in_short(found.evaluation.verdict),
            images && gives_away(found.evaluation.verdict.privacy)};
  };
  if (images)
    return of(evaluated_image_report(options, begins), [](const auto& found) { return found.json(); });
  return of(evaluated_report(options, begins), [](const auto& found) { return to_json(found.evaluation); });
}

/// The run's page once more, with the reason for which it has no verdict.
void write_without_verdict(const TrainSetup& plan, const RunFolder& folder, const std::string& why) {
  const FoundCheckpoint found = find_checkpoint(plan.folder);
  TrainingRecord record = training_record(found, plan);
  write_file_atomically(
      folder.page(),
      report_html({.title = std::filesystem::path(plan.settings.data.table).filename().string(),
                   .training = &record.part(),
                   .no_verdict = "How far to trust what it draws cannot be told: " + why,
                   .samples = drawn_grids(found)}));
}

}  // namespace

bool write_final_report(const TrainSetup& plan, std::uint64_t step, double seconds, bool quiet) {
  const RunFolder folder = RunFolder::open(plan.folder);
  const std::filesystem::path figures = folder.evaluation(step);
  std::error_code ignored;
  if (!plan.settings.run.evaluate || std::filesystem::exists(figures, ignored)) return true;
  const InterruptGuard guard;
  std::optional<FinalReport> found;
  std::string why;
  try {
    found = evaluated_run(plan, fmt::format("up to step {}, in {}", grouped(step), duration(seconds)), quiet);
  } catch (const Interrupted&) {
    return false;
  } catch (const Error& error) {
    why = error.what();
  }
  if (!found) {
    print_message("agon: how far to trust what it draws cannot be told: " + why);
    write_without_verdict(plan, folder, why);
    return true;
  }
  write_file_atomically(folder.page(), found->html);
  write_file_atomically(figures, found->json + "\n");
  if (!quiet) print_raw_message(found->in_short);
  if (found->may_show_patients)
    print_message(fmt::format(
        "agon: warning: the generator comes too near to images that it learnt: {0}/report.html and "
        "{0}/samples-*.png may show patients; keep them as safe as the images",
        plan.folder.string()));
  return true;
}

}  // namespace agon::host
