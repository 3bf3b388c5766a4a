#include "host/evaluate/privacy/attack_power.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "host/evaluate/draws.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// What a panel of attacks is judged by.
constexpr std::array kAllFigures = {&AttackFigures::auc, &AttackFigures::found_at_1,
                                    &AttackFigures::found_at_10};

/// Each score's place in the falling order, from 0; equal ones share it. Returns how many places there are.
std::int32_t rank_falling(const std::vector<double>& scores, std::vector<std::int32_t>& rank) {
  std::vector<std::int32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::int32_t a, std::int32_t b) { return scores[a] > scores[b]; });
  rank.resize(scores.size());
  std::int32_t ranks = 0;
  for (std::size_t e = 0; e < order.size(); ++e) {
    if (e > 0 && scores[order[e]] != scores[order[e - 1]]) ++ranks;
    rank[order[e]] = ranks;
  }
  return ranks + 1;
}

/// A row's place in the order of falling scores. Members come first, then others.
struct RankedScores {
  std::vector<std::int32_t> rank;
  std::int32_t ranks = 0;
  std::int64_t members = 0;

  explicit RankedScores(const AttackScores& scores)
      : members(static_cast<std::int64_t>(scores.members.size())) {
    std::vector<double> all = scores.members;
    all.insert(all.end(), scores.others.begin(), scores.others.end());
    ranks = rank_falling(all, rank);
  }
};

/// How many members and others have each rank.
struct RankCounts {
  std::vector<std::int32_t> members, others;

  explicit RankCounts(std::int32_t ranks)
      : members(static_cast<std::size_t>(ranks)), others(static_cast<std::size_t>(ranks)) {}
};

/// Of the curve that goes from rank to rank in straight lines.
AttackFigures figures_of(const RankCounts& counts, double members, double others) {
  AttackFigures figures;
  constexpr std::array kFalse = {0.001, 0.01, 0.1};
  constexpr std::array kFound = {&AttackFigures::found_at_01, &AttackFigures::found_at_1,
                                 &AttackFigures::found_at_10};
  double found = 0, wrong = 0, area = 0;
  for (std::size_t r = 0; r < counts.members.size(); ++r) {
    const double more_found = counts.members[r] / members, more_wrong = counts.others[r] / others;
    area += more_wrong * (found + more_found / 2);
    for (std::size_t f = 0; f < kFalse.size(); ++f) {
      if (wrong > kFalse[f]) continue;
      const double part = more_wrong > 0 ? std::min((kFalse[f] - wrong) / more_wrong, 1.0) : 1.0;
      figures.*kFound[f] = found + part * more_found;
    }
    found += more_found;
    wrong += more_wrong;
  }
  figures.auc = area;
  return figures;
}

/// The first of `rows` count as members, whatever they are.
AttackFigures figures_of_rows(const RankedScores& scores, const std::vector<std::int64_t>& rows) {
  RankCounts counts(scores.ranks);
  for (std::size_t e = 0; e < rows.size(); ++e) {
    const bool member = static_cast<std::int64_t>(e) < scores.members;
    ++(member ? counts.members : counts.others)[scores.rank[rows[e]]];
  }
  const auto members = static_cast<double>(scores.members);
  return figures_of(counts, members, static_cast<double>(rows.size()) - members);
}

std::vector<std::int64_t> drawn_anew(std::int64_t members, std::int64_t all, Draws& draws) {
  std::vector<std::int64_t> rows;
  for (std::int64_t e = 0; e < all; ++e)
    rows.push_back(e < members ? draws.below(members) : members + draws.below(all - members));
  return rows;
}

/// Quantiles of each figure over draws.
AttackFigures quantiles_of(const std::vector<AttackFigures>& draws, double at) {
  AttackFigures figures;
  for (const auto figure : kAllFigures) {
    std::vector<double> values;
    for (const AttackFigures& draw : draws) values.push_back(draw.*figure);
    figures.*figure = quantile_of(values, at);
  }
  return figures;
}

/// Each decision as often as `times` says of its target.
AttackFigures figures_of_decisions(const Decisions& decisions, const std::vector<std::int32_t>& rank,
                                   std::int32_t ranks, const std::vector<std::int32_t>& times) {
  RankCounts counts(ranks);
  double members = 0, others = 0;
  for (std::size_t e = 0; e < rank.size(); ++e) {
    const std::int32_t n = times[decisions.target[e]];
    (decisions.member[e] ? counts.members : counts.others)[rank[e]] += n;
    (decisions.member[e] ? members : others) += n;
  }
  return figures_of(counts, members, others);
}

void raise_to(const AttackFigures& one, AttackFigures& greatest) {
  for (const auto figure : kAllFigures) greatest.*figure = std::max(greatest.*figure, one.*figure);
}

void check_attacks(const std::vector<AttackScores>& attacks) {
  if (attacks.empty() || attacks[0].members.empty() || attacks[0].others.empty())
    throw DataError("membership: attacks, members and others are needed");
  for (const AttackScores& one : attacks)
    if (one.members.size() != attacks[0].members.size() || one.others.size() != attacks[0].others.size())
      throw DataError("membership: the attacks are of different rows");
}

void fill_intervals(const std::vector<RankedScores>& ranked, std::int64_t all, int count, Draws& draws,
                    AttackPanel& panel) {
  std::vector<std::vector<AttackFigures>> drawn(ranked.size());
  for (int draw = 0; draw < count; ++draw) {
    const std::vector<std::int64_t> rows = drawn_anew(panel.members, all, draws);
    for (std::size_t a = 0; a < ranked.size(); ++a) drawn[a].push_back(figures_of_rows(ranked[a], rows));
  }
  for (std::size_t a = 0; a < ranked.size(); ++a) {
    const AttackFigures low = quantiles_of(drawn[a], 0.025), high = quantiles_of(drawn[a], 0.975);
    panel.attacks[a].auc = {low.auc, high.auc};
    panel.attacks[a].found_at_1 = {low.found_at_1, high.found_at_1};
    panel.attacks[a].found_at_10 = {low.found_at_10, high.found_at_10};
  }
}

void fill_chance(const std::vector<RankedScores>& ranked, std::int64_t all, int count, Draws& draws,
                 AttackPanel& panel) {
  std::vector<AttackFigures> best;
  AttackFigures as_good{1, 1, 1};
  for (int draw = 0; draw < count; ++draw) {
    const std::vector<std::int64_t> rows = draws.order(all);
    AttackFigures greatest;
    for (const RankedScores& one : ranked) raise_to(figures_of_rows(one, rows), greatest);
    for (const auto figure : kAllFigures) as_good.*figure += greatest.*figure >= panel.greatest.*figure;
    best.push_back(greatest);
  }
  panel.by_chance = quantiles_of(best, 0.95);
  for (const auto figure : kAllFigures) panel.p_value.*figure = as_good.*figure / (1.0 + count);
}

}  // namespace

bool AttackPanel::beyond_chance(double AttackFigures::*figure) const {
  constexpr double kByChance = 0.01;
  return p_value.*figure * static_cast<double>(kAllFigures.size()) <= kByChance;
}

bool AttackPanel::found() const {
  return std::ranges::any_of(kAllFigures, [this](auto figure) { return beyond_chance(figure); });
}

AttackFigures attack_figures(const AttackScores& scores) {
  const RankedScores ranked(scores);
  std::vector<std::int64_t> rows(ranked.rank.size());
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  return figures_of_rows(ranked, rows);
}

DecisionPower judge_decisions(const Decisions& decisions, const PanelOptions& options) {
  DecisionPower power;
  power.members = std::ranges::count(decisions.member, 1);
  power.others = std::ssize(decisions.member) - power.members;
  if (power.members == 0 || power.others == 0)
    throw DataError("membership: decisions about members and about others are needed");
  std::vector<std::int32_t> rank;
  const std::int32_t ranks = rank_falling(decisions.score, rank);
  const auto targets = static_cast<std::size_t>(std::ranges::max(decisions.target)) + 1;
  power.figures = figures_of_decisions(decisions, rank, ranks, std::vector<std::int32_t>(targets, 1));
  Draws draws(options.seed, DrawPurpose::attacks);
  std::vector<AttackFigures> drawn;
  while (std::ssize(drawn) < options.draws) {
    std::vector<std::int32_t> times(targets);
    for (std::size_t t = 0; t < targets; ++t) ++times[draws.below(targets)];
    drawn.push_back(figures_of_decisions(decisions, rank, ranks, times));
  }
  const auto interval = [&](double AttackFigures::*figure, double false_positives) {
    if (static_cast<double>(power.others) * false_positives < 1) {
      power.figures.*figure = std::nan("");
      return Interval{std::nan(""), std::nan("")};
    }
    std::vector<double> values;
    for (const AttackFigures& draw : drawn) values.push_back(draw.*figure);
    return Interval{quantile_of(values, 0.025), quantile_of(values, 0.975)};
  };
  power.auc = interval(&AttackFigures::auc, 1);
  power.found_at_1 = interval(&AttackFigures::found_at_1, 0.01);
  power.found_at_01 = interval(&AttackFigures::found_at_01, 0.001);
  return power;
}

AttackPanel judge_attacks(const std::vector<AttackScores>& attacks, const PanelOptions& options) {
  check_attacks(attacks);
  AttackPanel panel;
  panel.members = static_cast<std::int64_t>(attacks[0].members.size());
  panel.others = static_cast<std::int64_t>(attacks[0].others.size());
  std::vector<RankedScores> ranked;
  for (const AttackScores& one : attacks) {
    ranked.emplace_back(one);
    panel.attacks.push_back({one.name, attack_figures(one), {}, {}, {}});
    if (panel.best.empty() || panel.attacks.back().figures.auc > panel.greatest.auc) panel.best = one.name;
    raise_to(panel.attacks.back().figures, panel.greatest);
  }
  Draws draws(options.seed, DrawPurpose::attacks);
  const std::int64_t all = panel.members + panel.others;
  fill_intervals(ranked, all, options.draws, draws, panel);
  fill_chance(ranked, all, options.draws, draws, panel);
  return panel;
}

}  // namespace agon::host
