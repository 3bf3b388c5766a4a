// How many are still without an event after some time, where not all were followed to theirs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/evaluate/rates.hpp"

namespace agon::host {

/// People, those who were followed the shortest first.
struct FollowUp {
  std::vector<double> time;         ///< (people), rising, 0 or more: to the event, or to the last news
  std::vector<std::uint8_t> event;  ///< (people): whether the time ended with the event

  std::int64_t people() const { return static_cast<std::int64_t>(time.size()); }
  /// How many were still followed, and without the event, just before `when`.
  std::int64_t at_risk(double when) const;
};
/// Sorts them. Both of the same length.
FollowUp follow_up(std::vector<double> time, std::vector<std::uint8_t> event);

/// Kaplan and Meier's estimate: a line of steps from 1 down, each at a time at which there were events.
/// Source: Kaplan, Meier, "Nonparametric estimation from incomplete observations" (JASA 1958).
struct SurvivalCurve {
  std::vector<double> time;       ///< of each step, rising
  std::vector<double> survival;   ///< from each step on
  std::vector<double> greenwood;  ///< from each step on: sum over steps of d / (n (n - d)); infinity at 0

  double at(double when) const;
  /// 95%, of log(-log S) by Greenwood's variance, as lifelines and R's conf.type "log-log" have it; [1, 1]
  /// before the first step, [0, 0] where all had the event.
  Interval band(double when) const;
  /// The first time at which half or fewer are left; infinity where the curve does not get there.
  double median() const;
  /// The area below the curve up to `horizon`.
  double restricted_mean(double horizon) const;
};
/// `times` (people): how often each of them counts.
SurvivalCurve kaplan_meier(const FollowUp& people, std::span<const std::uint32_t> times);
SurvivalCurve kaplan_meier(const FollowUp& people);

/// The largest difference between two curves at any time from 0 to `horizon`.
double largest_distance(const SurvivalCurve& a, const SurvivalCurve& b, double horizon);

/// How unlikely chance makes a difference like that between two groups: the log-rank test's p-value, of chi
/// squared with one degree of freedom; NaN where it cannot be told. `times` as above. Source: Mantel,
/// "Evaluation of survival data and two new rank order statistics arising in its consideration" (1966).
double log_rank(const FollowUp& a, std::span<const std::uint32_t> times_a, const FollowUp& b,
                std::span<const std::uint32_t> times_b);

}  // namespace agon::host
