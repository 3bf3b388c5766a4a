#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/runtime/thread_pool.hpp"
#include "host/cli/audited_run.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/evaluate/audit/audit.hpp"
#include "host/evaluate/draws.hpp"
#include "host/report/audit_page.hpp"
#include "host/run/console.hpp"
#include "host/run/interrupt.hpp"
#include "host/run/shadows.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

void check_counts(const AuditOptions& options) {
  const int shadows = options.shadows;
  if (shadows < kFewestShadows || shadows > kMostShadows || shadows % 2 != 0)
    throw ConfigurationError(fmt::format(
        "--shadows {}: not an even number from {} to {} (they are trained in pairs, each target in one of "
        "the two)",
        shadows, kFewestShadows, kMostShadows));
  if (options.targets > 0 && options.targets < kFewestAuditTargets)
    throw ConfigurationError(fmt::format("--targets {}: {} of each kind, or more, are needed; 0 chooses",
                                         options.targets, kFewestAuditTargets));
}

/// Both attackers' view of the run, and of the shadows as they come.
class AttackerViews {
 public:
  AttackerViews(const AuditedRun& run, const AuditGame& game, std::uint64_t seed) : run_(run), seed_(seed) {
    const Gan gan = run.restored();
    checkpoint.run = run.logits(gan, 0);
    table.run = run.nearness(gan, 0, seed);
    checkpoint.shadows.resize(static_cast<std::size_t>(game.shadows()));
    table.shadows.resize(static_cast<std::size_t>(game.shadows()));
  }
  /// A shadow that no table can be drawn from is left out.
  void see(const Gan& gan, int replica, int shadow) {
    const auto at = static_cast<std::size_t>(shadow);
    try {
      table.shadows[at] = run_.nearness(gan, replica, seed_ + 1 + at);
      checkpoint.shadows[at] = run_.logits(gan, replica);
    } catch (const DeviceError&) {
      throw;
    } catch (const Error& error) {
      table.shadows[at].clear();
      print_message(
          fmt::format("agon: shadow run {} is left out, with its pair: {}", shadow + 1, error.what()));
    }
  }

  AttackerScores checkpoint, table;

 private:
  const AuditedRun& run_;
  std::uint64_t seed_;
};

ShadowRequest shadow_request(const AuditedRun& run, const AuditGame& game, const AuditOptions& options,
                             AttackerViews& views) {
  ShadowRequest request;
  request.config = run.config();
  request.config.seed = Draws(options.seed, DrawPurpose::shadows, game.inside.size()).below(1ull << 48);
  request.steps = run.steps();
  request.shadows = game.shadows();
  request.progress = options.quiet ? Progress::Style::silent : Progress::detect();
  request.rows = [&run, &game](int shadow) { return run.coded(game.rows_of(shadow)); };
  request.trained = [&views](const Gan& gan, int replica, int shadow) { views.see(gan, replica, shadow); };
  if (!options.quiet)
    request.expects = [](double seconds) {
      print_message(fmt::format("the shadow runs take about {}", duration(seconds)));
    };
  return request;
}

AboutRows about_audit(const AuditedRun& run, const Audit& audit, const AuditOptions& options,
                      const std::string& name, double seconds) {
  return {{"run", fmt::format("{}, step {}", name, run.steps())},
          {"table",
           fmt::format("{}: {} rows learnt, {} held out",
                       std::filesystem::path(run.table()).filename().string(), run.rows(), run.held_out())},
          {"shadow runs", fmt::format("{} of {}", audit.shadows, options.shadows)},
          {"seed", std::to_string(options.seed)},
          {"date", date_text(seconds)},
          {"program", "agon " AGON_VERSION}};
}

std::string audit_json(const AuditedRun& run, const Audit& audit, const AuditOptions& options) {
  nlohmann::ordered_json all{{"step", run.steps()},
                             {"learnt_rows", run.rows()},
                             {"held_out_rows", run.held_out()},
                             {"seed", options.seed}};
  all.update(to_json(audit));
  return all.dump(2) + "\n";
}

}  // namespace

int audit(const AuditOptions& options) {
  check_counts(options);
  check_reports(options.out, options.overwrite);
  const auto begin = std::chrono::steady_clock::now();
  const Device device = Device::parse(options.device, options.threads);
  set_host_threads(Device::cpu(options.threads).threads());
  const InterruptGuard guard;
  AuditedRun run(options.run, device);
  const AuditGame& game = run.play({options.shadows, options.targets, options.seed});
  if (!options.quiet)
    print_message(fmt::format("{} targets; {} shadow runs of {} steps on {} rows", game.count(),
                              game.shadows(), grouped(run.steps()), run.rows()));
  AttackerViews views(run, game, options.seed);
  const ShadowResult shadows = train_shadows(shadow_request(run, game, options, views), device);
  if (shadows.interrupted) {
    print_message("agon: interrupted; an audit keeps nothing of what it has done so far");
    return kInterrupted;
  }
  for (const int shadow : shadows.diverged)
    print_message(fmt::format("agon: shadow run {} diverged, and is left out with its pair", shadow + 1));
  const Audit result = measure_audit(game, views.checkpoint, views.table, options.seed);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const std::filesystem::path folder = std::filesystem::path(options.run).lexically_normal();
  const std::string name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  const std::string json = audit_json(run, result, options);
  if (!options.out.empty())
    write_reports(options.out, json,
                  audit_page_html(result, name, about_audit(run, result, options, name, took.count())));
  print_data(options.json ? json : to_text(result));
  return kDone;
}

}  // namespace agon::host
