#include "host/evaluate/survival/kaplan_meier.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace agon::host {
namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();

// Walks through the distinct times of a group, upwards.
class Walk {
 public:
  Walk(const FollowUp& people, std::span<const std::uint32_t> times)
      : people_(people),
        times_(times),
        at_risk_(std::accumulate(times.begin(), times.end(), std::int64_t{0})) {}

  double next() const { return place_ < people_.time.size() ? people_.time[place_] : kForever; }
  std::int64_t at_risk() const { return at_risk_; }
  /// Takes those whose time it is and returns how many of them had the event.
  std::int64_t pass(double time) {
    std::int64_t events = 0, gone = 0;
    for (; place_ < people_.time.size() && people_.time[place_] == time; ++place_) {
      gone += times_[place_];
      if (people_.event[place_]) events += times_[place_];
    }
    at_risk_ -= gone;
    return events;
  }

 private:
  const FollowUp& people_;
  std::span<const std::uint32_t> times_;
  std::int64_t at_risk_;
  std::size_t place_ = 0;
};

// How many of a curve's steps are at `time` or before.
std::size_t steps_until(const SurvivalCurve& curve, double time) {
  return static_cast<std::size_t>(std::ranges::upper_bound(curve.time, time) - curve.time.begin());
}

}  // namespace

std::int64_t FollowUp::at_risk(double when) const {
  return time.end() - std::ranges::lower_bound(time, when);
}

FollowUp follow_up(std::vector<double> time, std::vector<std::uint8_t> event) {
  std::vector<std::size_t> order(time.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return time[i]; });
  FollowUp out;
  for (const std::size_t i : order) {
    out.time.push_back(time[i]);
    out.event.push_back(event[i]);
  }
  return out;
}

double SurvivalCurve::at(double when) const {
  const std::size_t steps = steps_until(*this, when);
  return steps == 0 ? 1 : survival[steps - 1];
}

Interval SurvivalCurve::band(double when) const {
  constexpr double kNormal = 1.959963984540054;  // the 97.5% quantile
  const std::size_t steps = steps_until(*this, when);
  if (steps == 0) return {1, 1};
  const double left = survival[steps - 1];
  if (left <= 0) return {0, 0};
  const double width = kNormal * std::sqrt(greenwood[steps - 1]) / std::log(left);  // below 0
  return {std::pow(left, std::exp(-width)), std::pow(left, std::exp(width))};
}

double SurvivalCurve::median() const {
  constexpr double kHalf = 0.5 + 1e-12;  // of a product of shares, half is half but for rounding
  const auto found = std::ranges::find_if(survival, [](double left) { return left <= kHalf; });
  return found == survival.end() ? kForever : time[static_cast<std::size_t>(found - survival.begin())];
}

double SurvivalCurve::restricted_mean(double horizon) const {
  double area = 0, from = 0, left = 1;
  for (std::size_t i = 0; i < time.size() && time[i] < horizon; ++i) {
    area += left * (time[i] - from);
    from = time[i];
    left = survival[i];
  }
  return area + left * (horizon - from);
}

SurvivalCurve kaplan_meier(const FollowUp& people, std::span<const std::uint32_t> times) {
  SurvivalCurve curve;
  double left = 1, variance = 0;
  for (Walk walk(people, times); walk.next() < kForever;) {
    const double time = walk.next();
    const auto at_risk = static_cast<double>(walk.at_risk()), events = static_cast<double>(walk.pass(time));
    if (events == 0) continue;
    left = events == at_risk ? 0 : left * (1 - events / at_risk);
    variance += events / (at_risk * (at_risk - events));
    curve.time.push_back(time);
    curve.survival.push_back(left);
    curve.greenwood.push_back(variance);
  }
  return curve;
}

SurvivalCurve kaplan_meier(const FollowUp& people) {
  return kaplan_meier(people, std::vector<std::uint32_t>(people.time.size(), 1));
}

double largest_distance(const SurvivalCurve& a, const SurvivalCurve& b, double horizon) {
  double most = 0, left_a = 1, left_b = 1;
  for (std::size_t i = 0, j = 0; i < a.time.size() || j < b.time.size();) {
    const double next_a = i < a.time.size() ? a.time[i] : kForever,
                 next_b = j < b.time.size() ? b.time[j] : kForever, next = std::min(next_a, next_b);
    if (next > horizon) break;
    if (next_a == next) left_a = a.survival[i++];
    if (next_b == next) left_b = b.survival[j++];
    most = std::max(most, std::abs(left_a - left_b));
  }
  return most;
}

double log_rank(const FollowUp& a, std::span<const std::uint32_t> times_a, const FollowUp& b,
                std::span<const std::uint32_t> times_b) {
  double beyond = 0, variance = 0;  // events of the first group less those expected; of a hypergeometric draw
  Walk first(a, times_a), second(b, times_b);
  while (first.next() < kForever || second.next() < kForever) {
    const double time = std::min(first.next(), second.next());
    const auto in_first = static_cast<double>(first.at_risk()),
               in_both = in_first + static_cast<double>(second.at_risk());
    const auto of_first = static_cast<double>(first.pass(time)),
               events = of_first + static_cast<double>(second.pass(time));
    if (events == 0) continue;
    const double share = in_first / in_both;
    beyond += of_first - events * share;
    if (in_both > 1) variance += events * share * (1 - share) * (in_both - events) / (in_both - 1);
  }
  return variance > 0 ? std::erfc(std::abs(beyond) / std::sqrt(2 * variance))
                      : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace agon::host
