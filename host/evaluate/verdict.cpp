#include "host/evaluate/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/evaluation.hpp"
#include "host/evaluate/reasons.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

using Limit = VerdictLimits::Limit;

/// A score no farther above a guess says nothing of what teaches it.
constexpr double kTeachesNothing = 0.05;

void add_detection(const Detection& detection, const Limit& limit, Reasons& reasons) {
  const DetectionByModel& trees = detection.trees;
  const Distinction& seen = trees.held_out ? *trees.held_out : trees.synthetic;
  reasons.add(seen.auc - std::max(0.5, trees.floor.auc), limit,
              fmt::format("Boosted trees tell {} rows from synthetic ones with an AUC of {:.2f}; 0.5 is a "
                          "guess, and real rows from real rows get {:.2f}.",
                          trees.held_out ? "held-out" : "real", seen.auc, trees.floor.auc));
}

void add_columns(const Evaluation& evaluation, const Limit& limit, Reasons& reasons) {
  const Fidelity& fidelity = evaluation.fidelity;
  for (std::size_t c = 0; c < fidelity.columns.size(); ++c) {
    const std::string name = in_quotes(evaluation.tables.columns[c].name);
    if (!evaluation.tables.columns[c].in_synthetic) {
      reasons.add(Light::red, "The synthetic table lacks the column " + name + ".");
      continue;
    }
    const Figure& lost = fidelity.columns[c].lost_rows;
    const double beyond_chance = lost.value - lost.high;
    if (beyond_chance > limit.amber)
      reasons.add(beyond_chance, limit,
                  fmt::format("Values of {} that {} of the real rows have never occur.", name,
                              in_percent(lost.value)));
  }
}

Judgement likeness(const Evaluation& evaluation, const VerdictLimits& limits) {
  const Fidelity& fidelity = evaluation.fidelity;
  const Figure& quality = fidelity.quality.score;
  // Held-out rows can be less like the real ones than these are like themselves: a single value far out does
  // it.
  const double real_rows =
      std::isnan(quality.held_out) ? quality.median : std::min(quality.median, quality.held_out);
  Reasons reasons;
  add_detection(evaluation.detection, limits.auc, reasons);
  reasons.add(real_rows - quality.value, limits.quality,
              fmt::format("Columns and pairs of columns agree to {:.3f} (quality score; real rows: {:.3f}).",
                          quality.value, real_rows));
  add_columns(evaluation, limits.lost, reasons);
  const auto is_kept = [](const ConstraintFidelity& one) { return one.real == 0; };
  if (!fidelity.rules.empty() || std::ranges::any_of(fidelity.constraints, is_kept)) {
    const bool known = !std::isnan(fidelity.held_out_rule_breakers);
    reasons.add(
        fidelity.rule_breakers - (known ? fidelity.held_out_rule_breakers : 0), limits.rules,
        fmt::format(
            "{} of the synthetic rows break a rule that every real row keeps{}.",
            in_percent(fidelity.rule_breakers),
            known ? fmt::format(" (held-out rows: {})", in_percent(fidelity.held_out_rule_breakers)) : ""));
  }
  return judgement("Does it look like the real table?", std::move(reasons),
                   "Yes: it is about as close to the real table as other real rows are.",
                   "Mostly: a close look tells it from real rows.",
                   "No: it differs plainly from the real table.", "There is too little to tell.");
}

void add_survival(const Survival& survival, const Limit& limit, Reasons& reasons) {
  reasons.add(
      survival.distance.value - survival.distance.high, limit,
      fmt::format("The share of people without {} after a time differs from the real rows' by up to {} "
                  "of all (real rows by chance: {}).",
                  in_quotes(survival.event), in_percent(survival.distance.value),
                  in_percent(survival.distance.high)));
}

void add_choice(const ModelRanking& ranking, const Limit& limit, Reasons& reasons) {
  const double best = ranking.models[ranking.by_synthetic.best].real, guess = ranking.is_class ? 0.5 : 0;
  if (!(best - guess >= kTeachesNothing)) return;
  const double lost = ranking.by_synthetic.within_noise() ? 0 : ranking.by_synthetic.interval.low;
  reasons.add(lost / best, limit,
              fmt::format("Who compares {} kinds of models by it: {}.", ranking.models.size(),
                          choice_in_words(ranking)));
}

Judgement usefulness(const Evaluation& evaluation, const VerdictLimits& limits) {
  Reasons reasons;
  if (const auto& utility = evaluation.utility) {
    const auto add = [&](const char* what, const Share& share, double real, double guess) {
      if (std::isnan(share.value) || real - guess < kTeachesNothing) return;
      Light light = light_of(1 - share.value, limits.utility);
      if (light == Light::red && share.high >= 1) light = Light::amber;  // few rows: nothing may be lost
      reasons.add(
          light, fmt::format("A model that learnt {} from synthetic rows reaches {} of the {} that one of "
                             "real rows reaches ({} to {}), on held-out rows.",
                             in_quotes(utility->target), in_percent(share.value), what, in_percent(share.low),
                             in_percent(share.high)));
    };
    add("AUC", utility->auc, utility->real_on_held_out.auc, 0.5);
    add("mean F1", utility->f1_macro, utility->real_on_held_out.f1_macro, 0);
    add("R^2", utility->r2, utility->real_on_held_out.r2, 0);
  }
  if (evaluation.utility && evaluation.utility->models)
    add_choice(*evaluation.utility->models, limits.choice, reasons);
  if (evaluation.survival) add_survival(*evaluation.survival, limits.survival, reasons);
  return judgement("Does it teach what the real table teaches?", std::move(reasons),
                   "Yes: one learns about as much from it.", "Partly: one learns less from it.",
                   "No: one learns much less from it.",
                   evaluation.utility    ? "Even real rows do not teach a model this target."
                   : evaluation.survival ? "There is too little to tell."
                                         : "Not asked: no target was named.");
}

void add_copies(const Copies& copies, const Limit& limit, Reasons& reasons) {
  const auto floor = [&](Rate CopyRates::*which) {
    return copies.held_out ? ((*copies.held_out).*which).interval.high : 0.0;
  };
  const auto beside = [&](Rate CopyRates::*which) {
    return copies.held_out
               ? fmt::format(" (held-out rows: {})", in_percent(((*copies.held_out).*which).share))
               : std::string();
  };
  // Without held-out rows nobody knows how many rows are alike by chance: only rare ones count.
  if (copies.held_out)
    reasons.add(copies.synthetic.exact.share - floor(&CopyRates::exact), limit,
                fmt::format("{} of the synthetic rows equal a real row{}.",
                            in_percent(copies.synthetic.exact.share), beside(&CopyRates::exact)));
  reasons.add(copies.synthetic.exact_rare.share - floor(&CopyRates::exact_rare), limit,
              fmt::format("{} of them equal a real row that is unlike all others{}.",
                          in_percent(copies.synthetic.exact_rare.share), beside(&CopyRates::exact_rare)));
  if (copies.held_out)
    reasons.add(copies.synthetic.near_rare.share - floor(&CopyRates::near_rare), limit,
                fmt::format("{} of them nearly equal such a row{}.",
                            in_percent(copies.synthetic.near_rare.share), beside(&CopyRates::near_rare)));
}

void add_membership(const AttackPanel& panel, const VerdictLimits& limits, Reasons& reasons) {
  const auto at_least_amber = [&](Light light, double AttackFigures::*figure) {
    return panel.beyond_chance(figure) ? worse(light, Light::amber) : light;
  };
  const double beyond_chance = panel.greatest.auc - panel.by_chance.auc;
  reasons.add(
      at_least_amber(beyond_chance > limits.membership ? Light::red : Light::green, &AttackFigures::auc),
      fmt::format("The best of {} attacks tells who was learnt with an AUC of {:.3f}; chance alone "
                  "makes it up to {:.3f}.",
                  panel.attacks.size(), panel.greatest.auc, panel.by_chance.auc));
  const auto finds = [](double share, const char* wrong, double by_chance) {
    return fmt::format(
        "They find up to {} of those who were learnt while they are wrong about {} of others; "
        "chance alone, up to {}.",
        in_percent(share), wrong, in_percent(by_chance));
  };
  const double beyond_at_1 = panel.greatest.found_at_1 - panel.by_chance.found_at_1;
  reasons.add(at_least_amber(light_of(beyond_at_1, limits.found), &AttackFigures::found_at_1),
              finds(panel.greatest.found_at_1, "1%", panel.by_chance.found_at_1));
  if (panel.beyond_chance(&AttackFigures::found_at_10))
    reasons.add(Light::amber, finds(panel.greatest.found_at_10, "10%", panel.by_chance.found_at_10));
}

void add_inference(const AttributeInference& inference, const Limit& limit, Reasons& reasons) {
  if (inference.worst < 0) return;
  const ColumnInference& worst = inference.columns[static_cast<std::size_t>(inference.worst)];
  reasons.add(worst.beyond_others(), limit,
              fmt::format("Who knows the rest of a record guesses {} right for {} of those who were learnt, "
                          "and for {} of others.",
                          in_quotes(worst.column), in_percent(worst.risk.attack.share),
                          in_percent(worst.risk.control.share)));
}

void add_singling_out(const SinglingOut& found, const Limit& limit, Reasons& reasons) {
  const bool by_value = found.values.interval.low > found.combinations.interval.low;
  const Risk& worse_one = by_value ? found.values : found.combinations;
  reasons.add(worse_one.interval.low, limit,
              fmt::format("Of questions for {} that the synthetic table suggests, {} single out a person who "
                          "was learnt, and {} one who was not.",
                          by_value ? "a rare value" : "a combination of values",
                          in_percent(worse_one.attack.share), in_percent(worse_one.control.share)));
}

Judgement privacy(const Evaluation& evaluation, const VerdictLimits& limits) {
  const Privacy& found = evaluation.privacy;
  Reasons reasons;
  add_copies(found.copies, limits.copies, reasons);
  if (found.membership) add_membership(*found.membership, limits, reasons);
  if (found.inference) add_inference(*found.inference, limits.inference, reasons);
  if (found.singling_out) add_singling_out(*found.singling_out, limits.singling_out, reasons);
  Judgement out = judgement("Does it keep patients private?", std::move(reasons),
                            "No leak was found by these attacks. That is no proof that there is none.",
                            "There are signs of a leak: look at the reasons before you give it away.",
                            "No: it gives patients away.", "This cannot be told without held-out rows.");
  if (out.light == Light::green && !found.membership) {
    out.light = Light::unknown;
    out.answer =
        "This cannot be told without held-out rows, which the generator never saw (train --held-out; "
        "--holdout).";
  }
  return out;
}

}  // namespace

Verdict judge(const Evaluation& evaluation, const VerdictLimits& limits) {
  return {likeness(evaluation, limits), usefulness(evaluation, limits), privacy(evaluation, limits)};
}

nlohmann::ordered_json to_json(const Verdict& verdict) {
  return {{"likeness", to_json(verdict.likeness)},
          {"usefulness", to_json(verdict.usefulness)},
          {"privacy", to_json(verdict.privacy)}};
}

std::string in_short(const Verdict& verdict) {
  std::string text;
  for (const Judgement* const one : {&verdict.likeness, &verdict.usefulness, &verdict.privacy})
    text += in_short(*one);
  return text;
}

std::string to_text(const Verdict& verdict) {
  std::string text;
  for (const Judgement* const one : {&verdict.likeness, &verdict.usefulness, &verdict.privacy})
    text += to_text(*one);
  return text;
}

}  // namespace agon::host
