// Membership attacks by distances: can one tell from the synthetic table whether a known patient was learnt?
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/evaluate/distances/distance_rows.hpp"
#include "host/evaluate/distances/row_search.hpp"
#include "host/evaluate/privacy/attack_power.hpp"

namespace agon::host {

struct MembershipOptions {
  std::int64_t most_targets = 10'000;     ///< of members, and of others
  std::int64_t most_reference = 10'000;   ///< rows that the attacker has of the same population
  std::int64_t most_synthetic = 100'000;  ///< rows that the attacker sees
  std::uint64_t seed = 1;
};

/// Who is attacked, and what the attacker knows: rows of ComparedTables. Half of the held-out rows are
/// others, the rest the attacker's reference; as many real rows are members. Every attack plays the same
/// game.
struct MembershipGame {
  std::vector<std::int64_t> members;    ///< rows of the real table
  std::vector<std::int64_t> others;     ///< rows of the held-out table
  std::vector<std::int64_t> reference;  ///< the same, different ones
  std::vector<std::int64_t> synthetic;  ///< rows of the synthetic table
};
/// Nothing where there are fewer than 20 held-out or real rows, or no synthetic ones: an attack cannot be
/// judged then.
std::optional<MembershipGame> membership_game(std::int64_t real_rows, std::int64_t synthetic_rows,
                                              std::int64_t held_out_rows,
                                              const MembershipOptions& options = {});

/// Six attacks. With s_k and r_k a target's distance to its k-th nearest synthetic and reference row:
///   distance       -s_1: Chen, Yu, Zhang, Fritz, "GAN-Leaks" (2020), full black box
///   ratio          log r_5 - log s_1: the same, calibrated
///   density        log mean r_1..r_5 - log mean s_1..s_5: by how much synthetic rows are denser than
///   reference
///                  rows: van Breugel, Sun, Qian, van der Schaar, "Membership inference attacks against
///                  synthetic data through overfitting detection" (DOMIAS, 2023), with densities by nearest
///                  neighbours
///   kernel         the same with Gaussian kernel densities, bandwidth a quarter of the median r_1
///   ball           how many synthetic rows lie no farther than the targets' median s_1: Hilprecht,
///   Haerterich,
///                  Bernau, "Monte Carlo and reconstruction membership inference attacks" (2019)
///   neighbourhood  log u - log s_1, u the nearest synthetic row's own distance to its nearest reference row:
///                  by how much that row is nearer to the target than to the population
/// Needs points.held_out. Throws DeviceError.
std::vector<AttackScores> distance_attacks(const RowSearch& search, const DistanceTables& points,
                                           const MembershipGame& game);

}  // namespace agon::host
