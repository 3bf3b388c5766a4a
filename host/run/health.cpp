#include "host/run/health.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace agon::host {
namespace {

using Limits = HealthLimits;

constexpr std::string_view kNames[kAilments] = {"certain", "collapse", "exploding", "vanishing", "runaway"};

constexpr std::string_view kAdvice[kAilments] = {
    "try a lower --discriminator-rate, a smaller --discriminator-hidden, or --real-label 0.9",
    "try a lower --generator-rate, --objective relativistic, a larger --batch, or several --replicas",
    "try lower rates, or a --warmup-steps of some hundred",
    "try a lower --discriminator-rate, or --objective non-saturating or least-squares",
    "try lower rates, or another --objective: wasserstein needs a bound on D's slope"};

int percent(float share) { return static_cast<int>(std::lround(100 * share)); }

std::string text_of(Ailment ailment, const kernels::StepStatistics& s, const kernels::StepLook& look) {
  switch (ailment) {
    case Ailment::certain:
      return fmt::format(
          "D is certain of nearly every row ({}% of the real ones, {}% of the fakes): it learns little more, "
          "and "
          "G little from it",
          percent(look.saturated_real), percent(look.saturated_fake));
    case Ailment::collapse:
      return fmt::format(
          "G's rows collapse: their columns vary by {}% of the table's on average, by {}% the least, and the "
          "nearest rows lie at {}% of the distance of real ones",
          percent(look.spread_mean), percent(look.spread_least), percent(look.distance));
    case Ailment::exploding:
      return fmt::format("gradients explode: their norms are {:.3g} in G and {:.3g} in D",
                         look.generator_gradient, look.discriminator_gradient);
    case Ailment::vanishing:
      return fmt::format("G's gradient vanishes: its norm is {:.3g}; G learns nothing",
                         look.generator_gradient);
    case Ailment::runaway:
      return fmt::format("losses run away: {:.3g} of D, {:.3g} of G", s.discriminator_loss, s.generator_loss);
  }
  return {};
}

}  // namespace

std::string_view name_of(Ailment ailment) { return kNames[static_cast<std::size_t>(ailment)]; }

std::string health_line(const HealthWarning& warning) {
  const nlohmann::ordered_json line{{"step", warning.step},
                                    {"warning", name_of(warning.ailment)},
                                    {"text", warning.text},
                                    {"try", warning.advice}};
  return line.dump();
}

std::array<bool, kAilments> HealthWatch::signs(const StatsRow& row) {
  const kernels::StepLook& look = *row.look;
  const float norm = std::max(look.generator_gradient, look.discriminator_gradient);
  const bool early = looks_ < Limits::kFirstLooks;
  if (early) largest_ = std::max(largest_, norm);
  ++looks_;
  const float loss =
      std::max(std::abs(row.statistics.discriminator_loss), std::abs(row.statistics.generator_loss));
  std::array<bool, kAilments> seen{};
  const auto set = [&](Ailment ailment, bool is) { seen[static_cast<std::size_t>(ailment)] = is; };
  set(Ailment::certain, std::min(look.saturated_real, look.saturated_fake) >= Limits::kSaturated);
  set(Ailment::collapse, look.step >= Limits::kCollapseFrom &&
                             (look.spread_mean < Limits::kSpread || look.distance < Limits::kDistance));
  set(Ailment::exploding, norm > Limits::kHuge || (!early && norm > Limits::kExploded * largest_));
  set(Ailment::vanishing, look.generator_gradient < Limits::kVanished);
  set(Ailment::runaway, loss > Limits::kLoss);
  return seen;
}

std::vector<HealthWarning> HealthWatch::see(const StatsRow& row) {
  if (!row.look) return {};
  const std::array<bool, kAilments> seen = signs(row);
  std::vector<HealthWarning> fresh;
  for (std::size_t i = 0; i < kAilments; ++i) {
    in_a_row_[i] = seen[i] ? in_a_row_[i] + 1 : 0;
    const auto ailment = static_cast<Ailment>(i);
    const auto is_it = [&](const HealthWarning& warning) { return warning.ailment == ailment; };
    if (in_a_row_[i] < Limits::kLooksInARow || std::any_of(said_.begin(), said_.end(), is_it)) continue;
    fresh.push_back({row.look->step, ailment, text_of(ailment, row.statistics, *row.look), kAdvice[i]});
    said_.push_back(fresh.back());
  }
  return fresh;
}

}  // namespace agon::host
