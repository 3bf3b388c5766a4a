// What an audit finds: whether who gets a run's checkpoint, or a table that it draws, can tell who was
// learnt.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/evaluate/audit/audit_game.hpp"
#include "host/evaluate/audit/lira.hpp"
#include "host/evaluate/privacy/attack_power.hpp"
#include "host/evaluate/verdict.hpp"

namespace agon::host {

/// What an attacker sees, as a number for each target: of the run, and of each shadow.
struct AttackerScores {
  ScoresOfTargets run;
  std::vector<ScoresOfTargets> shadows;  ///< empty where that shadow is not to be used
};

/// How well one way of guessing tells members from others.
struct GuessFigures {
  DecisionPower everybody, outliers;
};

/// The run: its own targets. The procedure: each shadow in turn is the victim, and the others but its pair
/// are the shadows; so it has many more decisions, and says what becomes of any run that is trained alike.
struct VictimFigures {
  GuessFigures by_ratio;        ///< likelihood ratios (lira.hpp)
  GuessFigures by_calibration;  ///< calibrated scores (the same)
  GuessFigures by_threshold;    ///< one threshold for all: what the shadows add is the difference
};

struct AttackerFigures {
  VictimFigures run, procedure;
};

/// Lower ends of 95% intervals above which a light changes; conventions of this program.
struct AuditLimits {
  VerdictLimits::Limit auc{0.55, 0.60};
  VerdictLimits::Limit found{0.02,
                             0.05};  ///< members found at 1% false positives: twice and five times chance
};

struct Audit {
  std::int64_t members = 0, others = 0, outliers = 0;  ///< targets
  int shadows = 0;                                     ///< that were used
  AttackerFigures checkpoint, table;                   ///< by what the attacker has
  Judgement of_checkpoint, of_table;
};

/// Throws DataError where fewer than kFewestShadows shadows are left. A pair that lacks one is left out
/// whole.
Audit measure_audit(const AuditGame& game, const AttackerScores& checkpoint, const AttackerScores& table,
                    std::uint64_t seed, const AuditLimits& limits = {});

std::string to_text(const Audit& audit);
nlohmann::ordered_json to_json(const Audit& audit);

}  // namespace agon::host
