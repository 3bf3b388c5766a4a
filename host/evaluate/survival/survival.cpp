#include "host/evaluate/survival/survival.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/models/round_ends.hpp"
#include "host/evaluate/models/told_shares.hpp"

namespace agon::host {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kMostIntervals = 60;  // of a drawn curve

using Times = std::vector<std::uint32_t>;

Times once(const FollowUp& people) { return Times(people.time.size(), 1); }

// How often each of the people comes in `count` draws with replacement.
Times draw_people(const FollowUp& people, std::int64_t count, std::uint64_t seed, std::uint64_t draw) {
  Draws draws(seed, DrawPurpose::survival, draw);
  Times times(people.time.size());
  for (std::int64_t i = 0; i < count; ++i) ++times[draws.below(people.time.size())];
  return times;
}

// What is compared of two groups.
struct GroupFigures {
  double distance = kUnknown, mean_difference = kUnknown, log_rank = kUnknown;
};

GroupFigures compare_groups(const FollowUp& real, const Times& of_real, const FollowUp& other,
                            const Times& of_other, double horizon) {
  const SurvivalCurve a = kaplan_meier(real, of_real), b = kaplan_meier(other, of_other);
  return {largest_distance(a, b, horizon), b.restricted_mean(horizon) - a.restricted_mean(horizon),
          log_rank(real, of_real, other, of_other)};
}

std::int64_t events_of(const FollowUp& people) { return std::ranges::count(people.event, 1); }

// One to four people's events would be told by a curve, or by the area below it.
bool may_be_told(const FollowUp& people) {
  const std::int64_t events = events_of(people);
  return people.people() >= ToldShares::kFewestRows && (events == 0 || events >= ToldShares::kFewestRows);
}

// The last time at which five people are followed.
double last_told(const FollowUp& people) {
  return people.time[static_cast<std::size_t>(people.people() - ToldShares::kFewestRows)];
}

// Multiples of 1, 2 or 5 times a power of ten that begin at 0, and the horizon.
std::vector<double> round_times(double step, double horizon) {
  double spacing = step > 0 ? step : horizon;
  for (int i = 0; horizon / spacing > kMostIntervals; ++i) spacing *= i % 3 == 1 ? 2.5 : 2;
  std::vector<double> times;
  for (double k = 0; k * spacing < horizon; ++k) times.push_back(k * spacing);
  times.push_back(horizon);
  return times;
}

SurvivalGroup group_of(const FollowedRows& rows, double step, double horizon) {
  const FollowUp& people = rows.people;
  SurvivalGroup out{people.people(), events_of(people), rows.without, rows.negative, kUnknown, kUnknown, {}};
  if (horizon <= 0 || !may_be_told(people)) return out;
  const SurvivalCurve curve = kaplan_meier(people);
  out.restricted_mean = curve.restricted_mean(horizon);
  if (curve.median() <= horizon) out.median = to_step(curve.median(), step);
  for (const double time : round_times(step, horizon)) {
    const std::int64_t at_risk = people.at_risk(time);
    if (at_risk >= ToldShares::kFewestRows)
      out.curve.push_back({time, curve.at(time), curve.band(time), at_risk});
  }
  return out;
}

// The tables' people, and the times that they can be compared at.
struct Followed {
  FollowedRows real, synthetic;
  std::optional<FollowedRows> held_out;
  double step = 0, horizon = 0;

  Followed(const ComparedTables& tables, const SurvivalColumns& columns)
      : real(followed_rows(columns, tables, tables.real)),
        synthetic(followed_rows(columns, tables, tables.synthetic)) {
    if (tables.held_out) held_out = followed_rows(columns, tables, *tables.held_out);
    if (!may_be_told(real.people) || synthetic.people.people() < ToldShares::kFewestRows) return;
    double last = std::min(last_told(real.people), last_told(synthetic.people));
    if (held_out && may_be_told(held_out->people)) last = std::min(last, last_told(held_out->people));
    step = rounding_step(real.people.time);
    horizon = step > 0 ? std::floor(last / step) * step : last;
  }
};

void add_figures(const Followed& followed, const SurvivalOptions& options, Survival& out) {
  const FollowUp& real = followed.real.people;
  const auto beside_real = [&](const FollowUp& others) {
    return compare_groups(real, once(real), others, once(others), followed.horizon);
  };
  GroupFigures of_synthetic, of_held_out;
  std::vector<GroupFigures> draws;
  if (followed.horizon > 0) {
    of_synthetic = beside_real(followed.synthetic.people);
    if (followed.held_out && may_be_told(followed.held_out->people))
      of_held_out = beside_real(followed.held_out->people);
    const std::int64_t others = followed.synthetic.people.people();
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(options.draws); ++i)
      draws.push_back(compare_groups(real, draw_people(real, real.people(), options.seed, 2 * i), real,
                                     draw_people(real, others, options.seed, 2 * i + 1), followed.horizon));
  }
  const auto figure = [&](double GroupFigures::*which) {
    std::vector<double> drawn;
    for (const GroupFigures& draw : draws) drawn.push_back(draw.*which);
    return figure_beside(of_synthetic.*which, of_held_out.*which, std::move(drawn));
  };
  out.distance = figure(&GroupFigures::distance);
  out.mean_difference = figure(&GroupFigures::mean_difference);
  out.log_rank = figure(&GroupFigures::log_rank);
}

}  // namespace

Survival measure_survival(const ComparedTables& tables, const SurvivalColumns& columns,
                          const SurvivalOptions& options) {
  const Followed followed(tables, columns);
  Survival out;
  out.time = tables.columns[static_cast<std::size_t>(columns.time)].name;
  out.event = columns.event_name;
  out.horizon = followed.horizon;
  out.real = group_of(followed.real, followed.step, followed.horizon);
  out.synthetic = group_of(followed.synthetic, followed.step, followed.horizon);
  if (followed.held_out) out.held_out = group_of(*followed.held_out, followed.step, followed.horizon);
  add_figures(followed, options, out);
  return out;
}

}  // namespace agon::host
