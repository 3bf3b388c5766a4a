// What an evaluation comes to, in plain words.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace agon::host {

struct Evaluation;

enum class Light {
  green,    ///< nothing speaks against it
  amber,    ///< usable with care: a reason says what with
  red,      ///< do not use it for this
  unknown,  ///< cannot be told from what was given
};
std::string_view word_of(Light light);

struct Judgement {
  Light light = Light::unknown;
  std::string question;  ///< "Does it look like the real table?"
  std::string answer;    ///< one sentence
  std::vector<std::string>
      reasons;  ///< one sentence each, with the figure and its floor; the weightiest first
};

struct Verdict {
  Judgement likeness, usefulness, privacy;
};

/// How much a figure may fall behind real rows' before a light changes: conventions of this program, shown in
/// the report beside the figures that they were applied to.
struct VerdictLimits {
  struct Limit {
    double amber, red;
  };
  Limit auc{0.15, 0.40};      ///< boosted trees' AUC, above that of real rows against real rows
  Limit quality{0.02, 0.10};  ///< the quality score, below real rows'
  Limit rules{0.01, 0.10};    ///< share of rows that break a rule, above held-out rows'
  Limit lost{0.005, 0.05};    ///< share of real rows whose level or mark no synthetic row has, beyond chance
  Limit utility{0.05, 0.15};  ///< of what real rows teach, the share that is missing
  Limit choice{0.02,
               0.10};  ///< share of the best model's score lost by who chooses by synthetic rows, at least
  Limit survival{0.05, 0.15};   ///< largest distance of the survival curves, above the upper end of its floor
  Limit copies{0.001, 0.01};    ///< share of rows that equal a real row, above held-out rows'
  double membership = 0.10;     ///< red: the best attack's AUC above what chance makes of it
  Limit found{0.01, 0.04};      ///< members found at 1% false positives, above what chance finds
  Limit inference{0.02, 0.10};  ///< share of the learnt whose cell is guessed, beyond others', at the least
  Limit singling_out{0.02, 0.10};  ///< risk, its lower bound
};

Verdict judge(const Evaluation& evaluation, const VerdictLimits& limits = {});

nlohmann::ordered_json to_json(const Judgement& judgement);
nlohmann::ordered_json to_json(const Verdict& verdict);
/// A line for each: the question, its light and its answer.
std::string in_short(const Judgement& judgement);
std::string in_short(const Verdict& verdict);
/// The same; below each, its reasons.
std::string to_text(const Judgement& judgement);
std::string to_text(const Verdict& verdict);

}  // namespace agon::host
