#include "host/cli/train_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/cli/describe.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/run_facts.hpp"
#include "host/run/budget.hpp"
#include "host/run/console.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

/// "kept: seed 5, held-out distance 0.231, best of 7 up to 0.384; 1 diverged"
std::string chosen_text(const ReplicaTable& table) {
  const ReplicaResult& best = table.replicas[static_cast<std::size_t>(table.best())];
  const double distance = best.score.sliced_wasserstein;
  double most = distance;
  std::size_t diverged = 0;
  for (const ReplicaResult& replica : table.replicas) {
    if (replica.diverged) ++diverged;
    if (!replica.diverged) most = std::max(most, replica.score.sliced_wasserstein);
  }
  return fmt::format("kept: seed {}, held-out distance {}, best of {} up to {}{}", best.seed,
                     short_number(distance, 3), table.replicas.size() - diverged, short_number(most, 3),
                     diverged > 0 ? fmt::format("; {} diverged", diverged) : "");
}

/// Of a run that has a best checkpoint: which, and how it does.
void report_best(const TrainingResult& result, const TrainSetup& plan) {
  if (!result.best) return;
  const HeldOutScore& score = result.best->score;
  print_message(
      fmt::format("best: step {}, sliced Wasserstein distance {} from the held-out {}, MMD {}; draw "
                  "from it with: agon sample --which best",
                  grouped(result.best->step), short_number(score.sliced_wasserstein, 3),
                  rows_word(plan.data.representation), short_number(score.mmd, 4)));
}

int report_diverged(const TrainingResult& result, const TrainSetup& plan) {
  print_message(
      fmt::format("agon: {} at step {}; {}/{} (step {}) is kept: try a lower --generator-rate and "
                  "--discriminator-rate",
                  plan.replicas() > 1 ? fmt::format("all {} replicas diverged, the last", plan.replicas())
                                      : "the training diverged",
                  result.step, plan.folder.string(), checkpoint_name(result.saved), result.saved));
  return kDiverged;
}

}  // namespace

std::string summary(const TrainSetup& plan, const std::string& device_asked) {
  AboutRows rows = about(plan, device_asked == "auto");
  rows.emplace_back(
      "run", plan.from ? fmt::format("{}, from step {}", plan.folder.string(), grouped(plan.first_step()))
                       : plan.folder.string());
  std::string text;
  for (const auto& [label, words] : rows) text += labelled(label, words);
  return text;
}

std::string cost_text(const TrainSetup& plan, const Trial& trial) {
  const double steps = static_cast<double>(plan.steps - std::min(plan.steps, plan.first_step()));
  return labelled("time", fmt::format("about {}: {:.3g} ms a step", duration(steps * trial.seconds),
                                      1e3 * trial.seconds)) +
         labelled("memory", fmt::format("about {:.0f} MB", trial.megabytes));
}

void report_resume(const TrainSetup& plan) {
  for (const std::string& line : plan.from->damaged) print_message("agon: passed over " + line);
  const Checkpoint& before = plan.from->checkpoint;
  if (before.device != plan.device.name() || before.threads != plan.device.threads()) {
    print_message(fmt::format(
        "agon: the run so far used {} with {} threads, now {} with {}: it goes on, but not to the "
        "same bits",
        before.device, before.threads, plan.device.name(), plan.device.threads()));
  }
  const std::uint64_t was = before.config.rate_schedule.steps, is = plan.config.rate_schedule.steps;
  if (was != is) {
    print_message(
        fmt::format("agon: the learning rates now fall over {} steps, not {}", grouped(is), grouped(was)));
  }
  const kernels::BurnIn &first = before.config.burn_in, &last = plan.config.burn_in;
  if (first.steps != last.steps)
    print_message(fmt::format("agon: penalties and beta2 now move over {} steps, not {}", grouped(last.steps),
                              grouped(first.steps)));
  const InstanceNoise &then = before.config.instance_noise, &now = plan.config.instance_noise;
  if (now.deviation > 0 && then.steps != now.steps) {
    const auto end = [](std::uint64_t step) {
      return step == 0 ? "the end" : fmt::format("step {}", grouped(step));
    };
    print_message(
        fmt::format("agon: the instance noise now lasts to {}, not to {}", end(now.steps), end(then.steps)));
  }
}

void report_cautions(const Settings& settings) {
  if (settings.data.exact_bounds)
    print_message(
        "agon: --exact-bounds true: checkpoints keep the least and greatest numbers of the table, although "
        "single "
        "rows have them: keep them as safe as the table");
  const bool bound = settings.gan.spectral_norm || settings.gan.penalties.any();
  if (settings.gan.objective == Objective::wasserstein && !bound)
    print_message(
        "agon: --objective wasserstein is a distance only where D's slope is bounded: add --wgan-gp 10 or "
        "--spectral-norm true, or take --recipe wgan-gp");
}

void report_losses(const Gan& gan, const TrainSetup& plan) {
  const Representation& how = plan.data.representation;
  for (int r = 0; how.of_records() && r < gan.replicas(); ++r) {
    if (gan.diverged(r)) continue;
    const RecordDraw draw(gan, *how.coding, r);
    const std::string who =
        gan.replicas() > 1 ? fmt::format("seed {}: ", gan.config().seed + static_cast<std::uint64_t>(r)) : "";
    for (const std::string& warning : draw.warnings()) print_message("agon: warning: " + who + warning);
  }
}

int report_outcome(const TrainingResult& result, const TrainSetup& plan, double seconds, bool quiet) {
  const std::string run = plan.folder.string();
  if (result.outcome == Outcome::diverged) return report_diverged(result, plan);
  if (result.outcome == Outcome::interrupted) {
    print_message(fmt::format("agon: interrupted at step {} and saved; go on with: agon train --resume {}",
                              result.saved, run));
    return kInterrupted;
  }
  if (!quiet) {
    print_message(fmt::format("done: step {} in {}{}", grouped(result.step), duration(seconds),
                              result.early ? ", early: --patience is at its end" : ""));
    if (result.replicas.replicas.size() > 1) print_message(chosen_text(result.replicas));
    report_best(result, plan);
  }
  return kDone;
}

std::string next_text(const TrainSetup& plan) {
  const std::string run = plan.folder.string();
  const bool images = plan.data.representation.of_images();
  return fmt::format("report: {}/report.html\nnext: agon sample {} -n {} --out {}", run, run,
                     images ? 64 : plan.rows.rows, images ? "synthetic.png" : "synthetic.csv");
}

}  // namespace agon::host
