// Whose membership an audit guesses, and what each of its shadow runs learns.
#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/distances/distance_rows.hpp"
#include "host/evaluate/distances/row_search.hpp"

namespace agon::host {

struct AuditGameOptions {
  int shadows = 16;          ///< even, at least kFewestShadows
  std::int64_t targets = 0;  ///< of each kind, at most; 0: half of the held-out rows, at least 50 and at most
                             ///< 500 of them
  std::uint64_t seed = 1;
};
inline constexpr int kFewestShadows = 6, kMostShadows = 1024;
inline constexpr std::int64_t kFewestAuditTargets = 10;  ///< of each kind

/// Rows are numbered as in the whole table. Shadows 2i and 2i + 1 are a pair: each target is in one of them,
/// so that whoever leaves out a pair leaves every target in as many shadows as it is not in.
struct AuditGame {
  std::vector<std::int64_t> targets;      ///< those that the run has learnt, then those that it held out
  std::int64_t members = 0;               ///< how many of them it has learnt: half
  std::vector<char> outlier;              ///< (targets)
  std::vector<std::vector<char>> inside;  ///< (shadows, targets): whether the shadow learns the target
  std::vector<std::int64_t> always;       ///< what every shadow learns: the run's rows without targets

  std::size_t count() const { return targets.size(); }
  int shadows() const { return static_cast<int>(inside.size()); }
  /// What a shadow learns, as many rows as the run has learnt.
  std::vector<std::int64_t> rows_of(int shadow) const;
};

/// Targets of both kinds are chosen by one rule, from pools of equal size: of the rows that the run has
/// learnt as many are drawn as it held out. Half of each kind are the outliers, which lie furthest from their
/// fifth nearest row of the whole table (such records leak most: Meeus, Guepin, Cretu, de Montjoye, 2023);
/// the others are drawn from the rest. Throws DataError where there are fewer than kFewestAuditTargets of
/// either kind.
AuditGame audit_game(const RowSearch& search, const DistanceSpace& space, const DistanceRows& whole,
                     const std::vector<std::int64_t>& learnt, const std::vector<std::int64_t>& held_out,
                     const AuditGameOptions& options);

}  // namespace agon::host
