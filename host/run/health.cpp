#include "host/run/health.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "host/run/data_words.hpp"
#include "kernels/objective.hpp"

namespace agon::host {
namespace {

using Limits = HealthLimits;

constexpr std::string_view kNames[kAilments] = {"certain",   "collapse", "exploding",
                                                "vanishing", "runaway",  "memorising"};

int percent(float share) { return static_cast<int>(std::lround(100 * share)); }

using Ways = std::vector<std::string>;

/// D's slope is held by something.
bool is_bound(const GanConfig& config) { return config.spectral_norm || config.penalties.any(); }

bool can_smooth_labels(const GanConfig& config) {
  return kernels::has_real_label(config.objective) && config.real_label == 1;
}

Ways ways_with(Objective objective, const GanConfig& config) {
  const bool fits = config.real_label == 1 || kernels::has_real_label(objective);
  if (config.objective == objective || !fits) return {};
  return {fmt::format("--objective {}", to_string(objective))};
}

/// What bounds the discriminator's slope: a penalty, where it is exact.
std::string bound_for(const GanConfig& config) {
  if (!config.discriminator.piecewise_linear()) return "--spectral-norm true";
  return config.objective == Objective::wasserstein ? "--wgan-gp 10" : "--r1 1";
}

Ways against_certainty(const GanConfig& config) {
  Ways ways{"a lower --discriminator-rate"};
  if (config.discriminator.widths.size() > 2) ways.emplace_back("a smaller --discriminator-hidden");
  if (can_smooth_labels(config)) ways.emplace_back("--real-label 0.9");
  if (!is_bound(config)) ways.push_back(bound_for(config));
  return ways;
}

Ways against_collapse(const GanConfig& config) {
  Ways ways{"a lower --generator-rate"};
  for (std::string& way : ways_with(Objective::relativistic, config)) ways.push_back(std::move(way));
  ways.insert(ways.end(), {"a larger --batch", "several --replicas"});
  return ways;
}

Ways against_explosion(const GanConfig& config) {
  constexpr std::uint64_t kWarmUp = 500;
  const kernels::RateSchedule& schedule = config.rate_schedule;
  Ways ways{"lower rates"};
  if (schedule.warmup_steps == 0 &&
      (schedule.shape == kernels::RateShape::constant || schedule.steps > kWarmUp))
    ways.push_back(fmt::format("--warmup-steps {}", kWarmUp));
  if (config.clip_norm == 0) ways.emplace_back("--clip-norm 1");
  return ways;
}

Ways against_vanishing(const GanConfig& config) {
  Ways ways{"a lower --discriminator-rate"};
  for (const Objective objective : {Objective::non_saturating, Objective::least_squares})
    for (std::string& way : ways_with(objective, config)) ways.push_back(std::move(way));
  return ways;
}

Ways against_runaway(const GanConfig& config) {
  Ways ways{"lower rates"};
  if (!is_bound(config)) ways.push_back(bound_for(config));
  if (config.clip_norm == 0) ways.emplace_back("--clip-norm 1");
  return ways;
}

Ways against_memorising(const GanConfig& config) {
  Ways ways{"more images", "fewer passes over them", "a smaller --discriminator-hidden"};
  if (!config.augmentation.flip)
    ways.emplace_back("--augment-flip true if a mirrored image could be a real one");
  return ways;
}

Ways ways_against(Ailment ailment, const GanConfig& config) {
  switch (ailment) {
    case Ailment::certain:
      return against_certainty(config);
    case Ailment::collapse:
      return against_collapse(config);
    case Ailment::exploding:
      return against_explosion(config);
    case Ailment::vanishing:
      return against_vanishing(config);
    case Ailment::runaway:
      return against_runaway(config);
    case Ailment::memorising:
      return against_memorising(config);
  }
  return {};
}

std::string text_of(Ailment ailment, const StepStatistics& s, const kernels::HealthSample& sample) {
  switch (ailment) {
    case Ailment::certain:
      return fmt::format(
          "D is certain of nearly every row ({}% of the real ones, {}% of the fakes): it learns little more, "
          "and "
          "G little from it",
          percent(sample.saturated_real), percent(sample.saturated_fake));
    case Ailment::collapse:
      return fmt::format(
          "G's rows collapse: their columns vary by {}% of the table's on average, by {}% the least, and the "
          "nearest rows lie at {}% of the distance of real ones",
          percent(sample.spread_mean), percent(sample.spread_least), percent(sample.distance));
    case Ailment::exploding:
      return fmt::format("gradients explode: their norms are {:.3g} in G and {:.3g} in D",
                         sample.generator_gradient, sample.discriminator_gradient);
    case Ailment::vanishing:
      return fmt::format("G's gradient vanishes: its norm is {:.3g}; G learns nothing",
                         sample.generator_gradient);
    case Ailment::runaway:
      return fmt::format("losses run away: {:.3g} of D, {:.3g} of G", s.discriminator_loss, s.generator_loss);
    case Ailment::memorising:
      return fmt::format(
          "augmentation is at its most ({:.2g}), and D still tells the images it learns from from G's: it "
          "knows "
          "them by heart",
          s.augmentation);
  }
  return {};
}

}  // namespace

std::string_view name_of(Ailment ailment) { return kNames[static_cast<std::size_t>(ailment)]; }

std::string advice_for(Ailment ailment, const GanConfig& config) {
  const Ways ways = ways_against(ailment, config);
  std::string text = "try " + ways.front();
  for (std::size_t i = 1; i < ways.size(); ++i) text += (i + 1 < ways.size() ? ", " : ", or ") + ways[i];
  return text;
}

std::string health_line(const HealthWarning& warning) {
  const nlohmann::ordered_json line{{"step", warning.step},
                                    {"warning", name_of(warning.ailment)},
                                    {"text", warning.text},
                                    {"try", warning.advice}};
  return line.dump();
}

std::array<bool, kAilments> HealthWatch::signs(const StatsRow& row) {
  const kernels::HealthSample& sample = *row.health;
  const float norm = std::max(sample.generator_gradient, sample.discriminator_gradient);
  const bool early = samples_ < Limits::kFirstSamples;
  if (early) largest_ = std::max(largest_, norm);
  ++samples_;
  const float loss =
      std::max(std::abs(row.statistics.discriminator_loss), std::abs(row.statistics.generator_loss));
  std::array<bool, kAilments> seen{};
  const auto set = [&](Ailment ailment, bool is) { seen[static_cast<std::size_t>(ailment)] = is; };
  set(Ailment::certain, std::min(sample.saturated_real, sample.saturated_fake) >= Limits::kSaturated);
  set(Ailment::collapse, sample.step >= Limits::kCollapseFrom &&
                             (sample.spread_mean < Limits::kSpread || sample.distance < Limits::kDistance));
  set(Ailment::exploding, norm > Limits::kHuge || (!early && norm > Limits::kExploded * largest_));
  set(Ailment::vanishing, sample.generator_gradient < Limits::kVanished);
  set(Ailment::runaway, loss > Limits::kLoss);
  set(Ailment::memorising,
      config_.augmentation.adapts() && row.statistics.augmentation >= kernels::kMostAdapted);
  return seen;
}

std::vector<HealthWarning> HealthWatch::see(const StatsRow& row) {
  if (!row.health) return {};
  const std::array<bool, kAilments> seen = signs(row);
  std::vector<HealthWarning> fresh;
  for (std::size_t i = 0; i < kAilments; ++i) {
    in_a_row_[i] = seen[i] ? in_a_row_[i] + 1 : 0;
    const auto ailment = static_cast<Ailment>(i);
    const auto is_it = [&](const HealthWarning& warning) { return warning.ailment == ailment; };
    if (in_a_row_[i] < Limits::kSamplesInARow || std::any_of(said_.begin(), said_.end(), is_it)) continue;
    fresh.push_back({row.health->step, ailment,
                     in_words_of(config_, text_of(ailment, row.statistics, *row.health)),
                     advice_for(ailment, config_)});
    said_.push_back(fresh.back());
  }
  return fresh;
}

}  // namespace agon::host
