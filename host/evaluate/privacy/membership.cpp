#include "host/evaluate/privacy/membership.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/rates.hpp"

namespace agon::host {
namespace {

constexpr int kReferenceNeighbours = 5;
constexpr std::int64_t kFewestTargets = 10;
/// Added to distances (columns reach from 0 to 1) before their logarithm: a copy is near, not infinitely so.
constexpr double kNearly = 1e-3;
/// Of the median distance to the nearest reference row. Of wide kernels it is the many rows of the
/// neighbourhood that count, not the one that was learnt.
constexpr double kBandwidth = 0.25;

/// Members, then others: their scores so far, by attack.
class AttackSheet {
 public:
  AttackSheet(std::size_t members, std::size_t targets) : members_(members), targets_(targets) {}

  /// score(t): of target t.
  template <class Score>
  void add(const char* name, Score score) {
    AttackScores scores{name, {}, {}};
    for (std::size_t t = 0; t < targets_; ++t)
      (t < members_ ? scores.members : scores.others).push_back(score(t));
    attacks_.push_back(std::move(scores));
  }
  std::vector<AttackScores> take() { return std::move(attacks_); }

 private:
  std::size_t members_, targets_;
  std::vector<AttackScores> attacks_;
};

DistanceRows one_below_other(const DistanceRows& a, const DistanceRows& b, const DistanceSpace& space) {
  DistanceRows both;
  both.rows = a.rows + b.rows;
  const auto append = [&](const auto& upper, const auto& lower, std::int64_t columns, auto& to) {
    for (std::int64_t c = 0; c < columns; ++c) {
      to.insert(to.end(), upper.begin() + c * a.rows, upper.begin() + (c + 1) * a.rows);
      to.insert(to.end(), lower.begin() + c * b.rows, lower.begin() + (c + 1) * b.rows);
    }
  };
  append(a.numbers, b.numbers, space.numbers(), both.numbers);
  append(a.levels, b.levels, static_cast<std::int64_t>(space.blocks.size()), both.levels);
  return both;
}

double mean_distance(const Neighbours& neighbours, std::size_t target) {
  const auto k = static_cast<std::size_t>(neighbours.k);
  double sum = 0;
  for (std::size_t e = target * k; e < (target + 1) * k; ++e) sum += std::sqrt(double{neighbours.squared[e]});
  return sum / static_cast<double>(k);
}

void add_kernel_attack(const RowSearch& search, const DistanceRows& targets, const DistanceRows& synthetic,
                       const DistanceRows& reference, double bandwidth, AttackSheet& sheet) {
  constexpr double kNoRow = 1e-30;
  const std::vector<double> made = search.kernel_sums(targets, synthetic, bandwidth);
  const std::vector<double> known = search.kernel_sums(targets, reference, bandwidth);
  sheet.add("kernel",
            [&](std::size_t t) { return std::log(made[t] + kNoRow) - std::log(known[t] + kNoRow); });
}

void add_ball_attack(const RowSearch& search, const DistanceRows& targets, const DistanceRows& synthetic,
                     double radius, AttackSheet& sheet) {
  const std::vector<float> squared_radius(static_cast<std::size_t>(targets.rows),
                                          static_cast<float>(radius * radius));
  const std::vector<std::int32_t> inside = search.within(targets, synthetic, squared_radius);
  sheet.add("ball", [&](std::size_t t) { return static_cast<double>(inside[t]); });
}

/// How far each target's nearest synthetic row is from the reference.
std::vector<double> from_nearest_to_reference(const RowSearch& search, const DistanceSpace& space,
                                              const DistanceRows& synthetic, const DistanceRows& reference,
                                              const Neighbours& made) {
  std::vector<std::int64_t> nearest;
  for (std::size_t e = 0; e < made.index.size(); e += static_cast<std::size_t>(made.k))
    nearest.push_back(made.index[e]);
  return search.nearest(part(synthetic, space, nearest), reference).distances();
}

}  // namespace

std::optional<MembershipGame> membership_game(std::int64_t real_rows, std::int64_t synthetic_rows,
                                              std::int64_t held_out_rows, const MembershipOptions& options) {
  const std::int64_t targets = std::min({held_out_rows / 2, real_rows, options.most_targets});
  if (targets < kFewestTargets || synthetic_rows < 1) return std::nullopt;
  Draws draws(options.seed, DrawPurpose::game);
  const std::vector<std::int64_t> order = draws.order(held_out_rows);
  const std::int64_t reference = std::min(held_out_rows - targets, options.most_reference);
  MembershipGame game;
  game.members = draws.some(real_rows, targets);
  game.others = {order.begin(), order.begin() + targets};
  game.reference = {order.begin() + targets, order.begin() + targets + reference};
  game.synthetic = draws.some(synthetic_rows, options.most_synthetic);
  return game;
}

std::vector<AttackScores> distance_attacks(const RowSearch& search, const DistanceTables& points,
                                           const MembershipGame& game) {
  const DistanceSpace& space = points.space;
  const DistanceRows targets = one_below_other(part(points.real, space, game.members),
                                               part(*points.held_out, space, game.others), space);
  const DistanceRows synthetic = part(points.synthetic, space, game.synthetic);
  const DistanceRows reference = part(*points.held_out, space, game.reference);
  const auto neighbours_in = [&](const DistanceRows& in) {
    return search.nearest(targets, in,
                          static_cast<int>(std::min<std::int64_t>(kReferenceNeighbours, in.rows)));
  };
  const Neighbours made = neighbours_in(synthetic), known = neighbours_in(reference);
  const std::vector<double> nearest = made.distances(), fifth = known.distances(known.k - 1);
  const double spacing = quantile_of(known.distances(), 0.5);
  AttackSheet sheet(game.members.size(), static_cast<std::size_t>(targets.rows));
  sheet.add("distance", [&](std::size_t t) { return -nearest[t]; });
  sheet.add("ratio",
            [&](std::size_t t) { return std::log(fifth[t] + kNearly) - std::log(nearest[t] + kNearly); });
  sheet.add("density", [&](std::size_t t) {
    return std::log(mean_distance(known, t) + kNearly) - std::log(mean_distance(made, t) + kNearly);
  });
  add_kernel_attack(search, targets, synthetic, reference, std::max(kBandwidth * spacing, kNearly), sheet);
  add_ball_attack(search, targets, synthetic, quantile_of(nearest, 0.5), sheet);
  const std::vector<double> away = from_nearest_to_reference(search, space, synthetic, reference, made);
  sheet.add("neighbourhood",
            [&](std::size_t t) { return std::log(away[t] + kNearly) - std::log(nearest[t] + kNearly); });
  return sheet.take();
}

}  // namespace agon::host
