#include "host/evaluate/audit/audit_game.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "host/evaluate/draws.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr int kOddnessNeighbours = 5;

std::int64_t targets_of_each_kind(std::int64_t pool, const AuditGameOptions& options) {
  constexpr std::int64_t kSome = 50, kMostByDefault = 500;
  if (pool < kFewestAuditTargets)
    throw DataError(fmt::format(
        "an audit needs {} rows that were learnt and {} that were held out, or more, and there are {} of one "
        "kind: hold more out (agon train --held-out)",
        kFewestAuditTargets, kFewestAuditTargets, pool));
  if (options.targets > 0) return std::min(options.targets, pool);
  return std::min({std::max(pool / 2, kSome), pool, kMostByDefault});
}

/// Of rows of a table the distance to the fifth nearest other one; a row is its own nearest.
std::vector<double> oddness_of(const RowSearch& search, const DistanceSpace& space, const DistanceRows& whole,
                               const std::vector<std::int64_t>& rows) {
  const auto nearest = static_cast<int>(std::min<std::int64_t>(kOddnessNeighbours + 1, whole.rows));
  return search.nearest(part(whole, space, rows), whole, nearest).distances(nearest - 1);
}

struct Chosen {
  std::vector<std::int64_t> rows;  ///< outliers first
  std::size_t outliers = 0;
};

/// `pool` rows of `rows` are drawn, and of those `count` chosen.
Chosen choose(const RowSearch& search, const DistanceSpace& space, const DistanceRows& whole,
              const std::vector<std::int64_t>& rows, std::int64_t pool, std::int64_t count, Draws draws) {
  std::vector<std::int64_t> drawn;
  for (const std::int64_t at : draws.order(std::ssize(rows))) {
    if (std::ssize(drawn) == pool) break;
    drawn.push_back(rows[static_cast<std::size_t>(at)]);
  }
  const std::vector<double> oddness = oddness_of(search, space, whole, drawn);
  std::vector<std::size_t> order(drawn.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return oddness[a] > oddness[b]; });
  Chosen chosen;
  chosen.outliers = static_cast<std::size_t>(count / 2);
  std::vector<std::size_t> rest(order.begin() + static_cast<std::ptrdiff_t>(chosen.outliers), order.end());
  std::ranges::sort(rest);  // in the order of the draw: its first are as good as drawn
  for (std::size_t i = 0; i < chosen.outliers; ++i) chosen.rows.push_back(drawn[order[i]]);
  for (std::size_t i = 0; std::ssize(chosen.rows) < count; ++i) chosen.rows.push_back(drawn[rest[i]]);
  return chosen;
}

void append_targets(const Chosen& chosen, AuditGame& game) {
  for (std::size_t i = 0; i < chosen.rows.size(); ++i) {
    game.targets.push_back(chosen.rows[i]);
    game.outlier.push_back(i < chosen.outliers);
  }
}

void fill_shadows(const AuditGameOptions& options, AuditGame& game) {
  const auto all = static_cast<std::int64_t>(game.count());
  for (int pair = 0; pair < options.shadows / 2; ++pair) {
    std::vector<char> first(game.count()), second(game.count(), 1);
    const std::vector<std::int64_t> order =
        Draws(options.seed, DrawPurpose::shadows, static_cast<std::uint64_t>(pair)).order(all);
    for (std::int64_t i = 0; i < all / 2; ++i) {
      const auto target = static_cast<std::size_t>(order[static_cast<std::size_t>(i)]);
      first[target] = 1, second[target] = 0;
    }
    game.inside.push_back(std::move(first));
    game.inside.push_back(std::move(second));
  }
}

}  // namespace

std::vector<std::int64_t> AuditGame::rows_of(int shadow) const {
  std::vector<std::int64_t> rows = always;
  for (std::size_t t = 0; t < count(); ++t)
    if (inside[static_cast<std::size_t>(shadow)][t]) rows.push_back(targets[t]);
  std::ranges::sort(rows);
  return rows;
}

AuditGame audit_game(const RowSearch& search, const DistanceSpace& space, const DistanceRows& whole,
                     const std::vector<std::int64_t>& learnt, const std::vector<std::int64_t>& held_out,
                     const AuditGameOptions& options) {
  const std::int64_t pool = std::min(std::ssize(learnt), std::ssize(held_out));
  const std::int64_t count = targets_of_each_kind(pool, options);
  AuditGame game;
  game.members = count;
  const std::vector<std::int64_t>* const kinds[] = {&learnt, &held_out};
  for (std::uint64_t kind = 0; kind < 2; ++kind)
    append_targets(choose(search, space, whole, *kinds[kind], pool, count,
                          Draws(options.seed, DrawPurpose::targets, kind)),
                   game);
  std::vector<std::int64_t> members(game.targets.begin(), game.targets.begin() + count);
  std::ranges::sort(members);
  std::ranges::set_difference(learnt, members, std::back_inserter(game.always));
  fill_shadows(options, game);
  return game;
}

}  // namespace agon::host
