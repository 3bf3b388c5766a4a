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
/// members found where 1% and 10% of the others are taken for members, linear between scores.
struct AttackFigures {
  double auc = 0, found_at_1 = 0, found_at_10 = 0;
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

  /// Whether any of the three figures is beyond chance at the 1% level (Bonferroni's correction for three): a
  /// generator that repeats few rows shows among the members found first, not in the area.
  bool found() const;
};

struct PanelOptions {
  int draws = 500;  ///< of the bootstrap, and permutations
  std::uint64_t seed = 1;
};
/// Throws DataError where there are no attacks, no members, or no others, or attacks differ in their number.
AttackPanel judge_attacks(const std::vector<AttackScores>& attacks, const PanelOptions& options = {});

}  // namespace agon::host
