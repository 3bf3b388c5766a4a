// Shares, quantiles, and how sure they are.
#pragma once

#include <cstdint>
#include <vector>

namespace agon::host {

struct Interval {
  double low = 0, high = 0;
};

/// A share of counted things with its 95% interval. Source: Wilson, "Probable inference, the law of
/// succession, and statistical inference" (1927). Of nothing: NaN, in [0, 1].
struct Rate {
  std::int64_t hits = 0, of = 0;
  double share = 0;
  Interval interval;
};
Rate rate_of(std::int64_t hits, std::int64_t of);

/// How much of what an attack does not get by skill alone it gets because it knows the table:
/// (attack - control) / (1 - control), from Wilson's centres and half-widths, their errors carried on to
/// first order; cut to [-1, 1]. NaN where either has no trial. Source: Giomi, Boenisch, Wehmeyer, Tasnadi, "A
/// unified framework for quantifying privacy risk in synthetic data" (PETS 2023), equations 1 to 3.
struct Risk {
  Rate attack, control;
  double risk = 0;
  Interval interval;
};
Risk risk_of(const Rate& attack, const Rate& control);

/// Of sorted values, linear between them as numpy's default; `at` in [0, 1]. NaN of none.
double quantile(const std::vector<double>& sorted, double at);
/// The same of values in any order.
double quantile_of(std::vector<double> values, double at);

}  // namespace agon::host
