#include "host/evaluate/audit/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/evaluate/reasons.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// One attacker's scores, comparable between models.
struct Sheet {
  ScoresOfTargets run;
  std::vector<ScoresOfTargets> shadows;

  explicit Sheet(const AttackerScores& scores) : run(standardised_scores(scores.run)) {
    for (const ScoresOfTargets& its : scores.shadows) shadows.push_back(standardised_scores(its));
  }
};

/// Whole pairs.
std::vector<std::size_t> usable_shadows(const AuditGame& game, const AttackerScores& one,
                                        const AttackerScores& other) {
  std::vector<std::size_t> usable;
  const auto is_there = [&](std::size_t s) { return !one.shadows[s].empty() && !other.shadows[s].empty(); };
  for (std::size_t s = 0; s + 1 < game.inside.size(); s += 2) {
    if (!is_there(s) || !is_there(s + 1)) continue;
    usable.push_back(s);
    usable.push_back(s + 1);
  }
  if (std::ssize(usable) < kFewestShadows)
    throw DataError(fmt::format("only {} of {} shadow runs can be used, and {} are needed", usable.size(),
                                game.shadows(), kFewestShadows));
  return usable;
}

/// Decisions about everybody, and about outliers alone.
class DecisionSheet {
 public:
  explicit DecisionSheet(const AuditGame& game) : game_(game) {}

  void add(const std::vector<char>& inside, const ScoresOfTargets& scores) {
    for (std::size_t t = 0; t < game_.count(); ++t) {
      everybody_.add(t, inside[t] != 0, scores[t]);
      if (game_.outlier[t]) outliers_.add(t, inside[t] != 0, scores[t]);
    }
  }
  GuessFigures figures(std::uint64_t seed) const {
    return {judge_decisions(everybody_, {.seed = seed}), judge_decisions(outliers_, {.seed = seed})};
  }

 private:
  const AuditGame& game_;
  Decisions everybody_, outliers_;
};

std::vector<KnownModel> known(const AuditGame& game, const Sheet& sheet,
                              const std::vector<std::size_t>& shadows) {
  std::vector<KnownModel> models;
  for (const std::size_t s : shadows) models.push_back({&sheet.shadows[s], &game.inside[s]});
  return models;
}

/// All attacks on one or several victims.
class Attacks {
 public:
  explicit Attacks(const AuditGame& game) : ratio_(game), calibration_(game), threshold_(game) {}

  void on(const ScoresOfTargets& victim, const std::vector<char>& inside,
          const std::vector<KnownModel>& shadows) {
    ratio_.add(inside, likelihood_ratios(victim, shadows));
    calibration_.add(inside, calibrated_scores(victim, shadows));
    threshold_.add(inside, victim);
  }
  VictimFigures figures(std::uint64_t seed) const {
    return {ratio_.figures(seed), calibration_.figures(seed), threshold_.figures(seed)};
  }

 private:
  DecisionSheet ratio_, calibration_, threshold_;
};

VictimFigures attack_run(const AuditGame& game, const Sheet& sheet, const std::vector<std::size_t>& shadows,
                         std::uint64_t seed) {
  std::vector<char> inside(game.count());
  std::fill_n(inside.begin(), game.members, 1);
  Attacks attacks(game);
  attacks.on(sheet.run, inside, known(game, sheet, shadows));
  return attacks.figures(seed);
}

VictimFigures attack_procedure(const AuditGame& game, const Sheet& sheet,
                               const std::vector<std::size_t>& shadows, std::uint64_t seed) {
  Attacks attacks(game);
  for (const std::size_t victim : shadows) {
    std::vector<std::size_t> others = shadows;
    std::erase_if(others, [&](std::size_t s) { return s / 2 == victim / 2; });
    attacks.on(sheet.shadows[victim], game.inside[victim], known(game, sheet, others));
  }
  return attacks.figures(seed);
}

AttackerFigures figures_of_attacker(const AuditGame& game, const AttackerScores& scores,
                                    const std::vector<std::size_t>& shadows, std::uint64_t seed) {
  const Sheet sheet(scores);
  return {attack_run(game, sheet, shadows, seed), attack_procedure(game, sheet, shadows, seed)};
}

void add_reason(std::string_view whom, const DecisionPower& power, const AuditLimits& limits,
                Reasons& reasons) {
  std::string words = fmt::format("{}: AUC {:.3f} ({:.3f} to {:.3f}; 0.5 is a guess)", whom,
                                  power.figures.auc, power.auc.low, power.auc.high);
  Light light = light_of(power.auc.low, limits.auc);
  if (!std::isnan(power.figures.found_at_1)) {
    light = worse(light, light_of(power.found_at_1.low, limits.found));
    words += fmt::format("; {} of the learnt ({} to {}) are found while 1% of others are taken for learnt",
                         in_percent(power.figures.found_at_1), in_percent(power.found_at_1.low),
                         in_percent(power.found_at_1.high));
  }
  reasons.add(light, words + ".");
}

/// Whether a leak beyond the red limit would have been seen.
bool could_have_seen(const DecisionPower& power, const AuditLimits& limits) {
  return power.auc.high <= limits.auc.red && power.found_at_1.high <= limits.found.red;
}

Judgement judge_attacker(std::string question, const AttackerFigures& figures, const AuditLimits& limits) {
  Reasons reasons;
  const VictimFigures& procedure = figures.procedure;
  add_reason("Any run that is trained alike", procedure.by_ratio.everybody, limits, reasons);
  add_reason("Outliers alone", procedure.by_ratio.outliers, limits, reasons);
  add_reason("By calibrated scores", procedure.by_calibration.everybody, limits, reasons);
  add_reason("The same, outliers alone", procedure.by_calibration.outliers, limits, reasons);
  add_reason("Without shadow runs", procedure.by_threshold.everybody, limits, reasons);
  add_reason("This run", figures.run.by_ratio.everybody, limits, reasons);
  constexpr std::string_view kTooLittle =
      "Too little was looked at to tell: more shadow runs (--shadows) or more held-out rows will.";
  Judgement out =
      judgement(std::move(question), std::move(reasons),
                "No leak was found by this attack. That is no proof that there is none.",
                "There are signs that it does: look at the reasons before you give it away.",
                "Yes: whoever has it can tell of some patients that they were learnt.", kTooLittle);
  if (out.light == Light::green && !could_have_seen(procedure.by_ratio.everybody, limits)) {
    out.light = Light::unknown;
    out.answer = kTooLittle;
  }
  return out;
}

}  // namespace

Audit measure_audit(const AuditGame& game, const AttackerScores& checkpoint, const AttackerScores& table,
                    std::uint64_t seed, const AuditLimits& limits) {
  const std::vector<std::size_t> shadows = usable_shadows(game, checkpoint, table);
  Audit audit;
  audit.members = game.members;
  audit.others = static_cast<std::int64_t>(game.count()) - game.members;
  audit.outliers = std::ranges::count(game.outlier, 1);
  audit.shadows = static_cast<int>(shadows.size());
  audit.checkpoint = figures_of_attacker(game, checkpoint, shadows, seed);
  audit.table = figures_of_attacker(game, table, shadows, seed);
  audit.of_checkpoint = judge_attacker("Does the checkpoint give patients away?", audit.checkpoint, limits);
  audit.of_table = judge_attacker("Does a synthetic table give patients away?", audit.table, limits);
  return audit;
}

}  // namespace agon::host
