// How well scores tell a table's members from others: of any membership attack.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/evaluate/rates.hpp"

namespace agon::host {

/// What an attack thinks of the same members and the same others as every other attack: the higher a score,
/// the likelier the row is a member. No NaN.
struct AttackScores {
  std::string name;
  std::vector<double> members, others;
};

/// The area under the curve of true against false positives (1/2: chance; ties count half), and the share of
/// members found where 1%, 10% and 0.1% of the others are taken for members, linear between scores.
struct AttackFigures {
  double auc = 0, found_at_1 = 0, found_at_10 = 0, found_at_01 = 0;
};
AttackFigures attack_figures(const AttackScores& scores);

/// Bootstrap intervals: members and others drawn anew, 2.5% to 97.5%.
struct AttackPower {
  std::string name;
  AttackFigures figures;
  Interval auc, found_at_1, found_at_10;
};

/// All attacks together. An attacker takes the best, so the best is what counts; but the best of several is
/// above chance by chance, too. `by_chance`: what the best of these attacks reaches in 95% of draws where
/// labels are permuted, the same permutation for all. `p_value`: the share of the permutations, and of what
/// was found itself, that reach what was found.
struct AttackPanel {
  std::int64_t members = 0, others = 0;
  std::vector<AttackPower> attacks;  ///< in the given order
  std::string best;                  ///< name of the attack of the greatest AUC
  AttackFigures greatest;            ///< over the attacks, figure by figure
  AttackFigures by_chance;
  AttackFigures p_value{1, 1, 1};

  /// Whether that figure is beyond chance at the 1% level (Bonferroni's correction for three), and whether any
  /// is: a generator that repeats few rows shows among the members found first, not in the area.
  bool beyond_chance(double AttackFigures::*figure) const;
  bool found() const;
};

struct PanelOptions {
  int draws = 500;  ///< of the bootstrap, and permutations
  std::uint64_t seed = 1;
};
/// Throws DataError where there are no attacks, no members, or no others, or attacks differ in their number.
AttackPanel judge_attacks(const std::vector<AttackScores>& attacks, const PanelOptions& options = {});

/// Decisions about the same targets again and again: on several models, each of which has learnt some of
/// them.
struct Decisions {
  std::vector<std::int32_t> target;  ///< 0, 1, ...
  std::vector<char> member;          ///< whether that model has learnt it
  std::vector<double> score;         ///< no NaN

  void add(std::size_t of, bool is_member, double its) {
    target.push_back(static_cast<std::int32_t>(of));
    member.push_back(is_member);
    score.push_back(its);
  }
};

/// `others` are decisions about targets that were not learnt. Intervals: bootstrap, whole targets drawn anew,
/// each with all its decisions, 2.5% to 97.5%. The share found at a rate of false positives is NaN where
/// fewer others were decided on than make one false positive: 100 at 1%, 1,000 at 0.1%.
struct DecisionPower {
  std::int64_t members = 0, others = 0;
  AttackFigures figures;
  Interval auc, found_at_1, found_at_01;
};
/// Throws DataError where there are no members, or no others.
DecisionPower judge_decisions(const Decisions& decisions, const PanelOptions& options = {});

}  // namespace agon::host
