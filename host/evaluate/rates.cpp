#include "host/evaluate/rates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace agon::host {
namespace {

constexpr double kNoRate = std::numeric_limits<double>::quiet_NaN();
constexpr double kNormal95 = 1.959963984540054;  ///< the normal distribution's 97.5% quantile

struct WilsonScore {
  double centre, half_width;
};

WilsonScore wilson_score(std::int64_t hits, std::int64_t of) {
  const auto n = static_cast<double>(of), square = kNormal95 * kNormal95;
  const double share = static_cast<double>(hits) / n;
  return {(share + square / (2 * n)) / (1 + square / n),
          kNormal95 / (1 + square / n) * std::sqrt(share * (1 - share) / n + square / (4 * n * n))};
}

}  // namespace

Rate rate_of(std::int64_t hits, std::int64_t of) {
  if (of == 0) return {0, 0, kNoRate, {0, 1}};
  const auto [centre, half_width] = wilson_score(hits, of);
  return {hits,
          of,
          static_cast<double>(hits) / static_cast<double>(of),
          {std::max(centre - half_width, 0.0), std::min(centre + half_width, 1.0)}};
}

Risk risk_of(const Rate& attack, const Rate& control) {
  if (attack.of == 0 || control.of == 0) return {attack, control, kNoRate, {kNoRate, kNoRate}};
  const WilsonScore a = wilson_score(attack.hits, attack.of), c = wilson_score(control.hits, control.of);
  const double rest = 1 - c.centre;
  const double risk = (a.centre - c.centre) / rest;
  const double of_attack = a.half_width / rest;
  const double of_control = (1 - a.centre) * c.half_width / (rest * rest);
  const double error = std::hypot(of_attack, of_control);
  const auto cut = [](double value) { return std::clamp(value, -1.0, 1.0); };
  return {attack, control, cut(risk), {cut(risk - error), cut(risk + error)}};
}

double quantile(const std::vector<double>& sorted, double at) {
  if (sorted.empty()) return kNoRate;
  const double place = at * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double rest = place - static_cast<double>(below), low = sorted[below], high = sorted[below + 1];
  return rest < 0.5 ? low + (high - low) * rest : high - (high - low) * (1 - rest);
}

double quantile_of(std::vector<double> values, double at) {
  std::sort(values.begin(), values.end());
  return quantile(values, at);
}

}  // namespace agon::host
