#include "engine/training/config.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "kernels/error.hpp"

namespace agon {
namespace {

constexpr std::array kObjectives = {
    std::pair<std::string_view, Objective>{"non-saturating", Objective::non_saturating},
    std::pair<std::string_view, Objective>{"minimax", Objective::minimax},
    std::pair<std::string_view, Objective>{"hinge", Objective::hinge},
    std::pair<std::string_view, Objective>{"least-squares", Objective::least_squares},
    std::pair<std::string_view, Objective>{"wasserstein", Objective::wasserstein},
    std::pair<std::string_view, Objective>{"relativistic", Objective::relativistic},
};
constexpr std::array kPrecisions = {
    std::pair<std::string_view, kernels::Precision>{"fp32", kernels::Precision::fp32},
    std::pair<std::string_view, kernels::Precision>{"tf32", kernels::Precision::tf32},
    std::pair<std::string_view, kernels::Precision>{"bf16", kernels::Precision::bf16},
};

constexpr std::array kRateShapes = {
    std::pair<std::string_view, kernels::RateShape>{"constant", kernels::RateShape::constant},
    std::pair<std::string_view, kernels::RateShape>{"linear", kernels::RateShape::linear},
    std::pair<std::string_view, kernels::RateShape>{"cosine", kernels::RateShape::cosine},
};

constexpr std::array kNorms = {
    std::pair<std::string_view, NormKind>{"none", NormKind::none},
    std::pair<std::string_view, NormKind>{"batch", NormKind::batch},
    std::pair<std::string_view, NormKind>{"layer", NormKind::layer},
};

template <class Names, class Value>
std::string_view name_of(const Names& names, Value value) {
  for (const auto& [name, candidate] : names)
    if (candidate == value) return name;
  throw ConfigurationError("no name for value " + std::to_string(static_cast<int>(value)));
}

template <class Names>
auto value_of(const Names& names, std::string_view what, std::string_view text) {
  std::string known;
  for (const auto& [name, value] : names) {
    if (name == text) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  throw ConfigurationError(std::string(what) + ": '" + std::string(text) + "' is none of " + known);
}

void require(bool holds, const std::string& complaint) {
  if (!holds) throw ConfigurationError(complaint);
}

void validate_network(const NetworkSpec& spec, const std::string& name) {
  constexpr std::int64_t kWidest = 1 << 20;
  require(spec.widths.size() >= 2, name + ": needs at least an input and an output width");
  for (const std::int64_t width : spec.widths)
    require(width >= 1 && width <= kWidest,
            name + ": width " + std::to_string(width) + " is not between 1 and " + std::to_string(kWidest));
  require(spec.slope >= 0.0f && spec.slope <= 1.0f,
          name + ": slope " + std::to_string(spec.slope) + " is not between 0 and 1");
}

void validate_rate(double rate, const std::string& name) {
  require(std::isfinite(rate) && rate >= 0.0,
          name + ": " + std::to_string(rate) + " is not a finite rate >= 0");
}

void validate_schedule(const kernels::RateSchedule& schedule) {
  require(schedule.final_fraction >= 0.0 && schedule.final_fraction <= 1.0,
          "final rate: " + std::to_string(schedule.final_fraction) + " is not between 0 and 1");
  require(schedule.shape == kernels::RateShape::constant || schedule.warmup_steps < schedule.steps,
          "warm-up: its " + std::to_string(schedule.warmup_steps) + " steps leave none of the schedule's " +
              std::to_string(schedule.steps));
}

void validate_penalties(const Penalties& p) {
  for (const auto& [weight, name] : {std::pair(p.r1, "r1"), std::pair(p.r2, "r2"),
                                     std::pair(p.wgan_gp, "wgan-gp"), std::pair(p.dragan, "dragan")})
    require(std::isfinite(weight) && weight >= 0.0,
            std::string(name) + ": " + std::to_string(weight) + " is not a finite weight >= 0");
  require(p.wgan_gp == 0.0 || p.dragan == 0.0,
          "wgan-gp and dragan: their points differ, only one of them can be used at a time");
}

}  // namespace

void GanConfig::validate() const {
  constexpr std::int64_t kLargestBatch = 1 << 20;
  validate_network(generator, "generator");
  validate_network(discriminator, "discriminator");
  require(discriminator.norm == NormKind::none,
          "discriminator: a norm in it would shut out the penalties on its slope");
  require(!discriminator.residual, "discriminator: residual blocks are the generator's");
  require(generator.dropout == 0.0, "generator: dropout is the discriminator's");
  require(discriminator.dropout >= 0.0 && discriminator.dropout < 1.0,
          "dropout: " + std::to_string(discriminator.dropout) + " is not in [0, 1)");
  require(generator.norm != NormKind::batch || batch > 1, "batch norm: needs a batch of two rows or more");
  require(pack >= 1 && batch % pack == 0,
          "pack: " + std::to_string(pack) + " does not divide the batch of " + std::to_string(batch));
  require(discriminator.widths.front() == pack * width(),
          "discriminator: input width " + std::to_string(discriminator.widths.front()) +
              " differs from the generator's output width " + std::to_string(width()) +
              (pack == 1 ? "" : " times the pack of " + std::to_string(pack)));
  require(discriminator.widths.back() == 1, "discriminator: output width must be 1, one logit a row");
  validate_rate(generator_rate, "generator rate");
  validate_rate(discriminator_rate, "discriminator rate");
  validate_schedule(rate_schedule);
  require(weight_decay >= 0.0 && weight_decay <= 1.0,
          "weight decay: " + std::to_string(weight_decay) + " is not between 0 and 1");
  require(weight_decay * std::max(generator_rate, discriminator_rate) <= 1.0,
          "weight decay: " + std::to_string(weight_decay) + " at these rates takes away more than all");
  require(std::isfinite(clip_norm) && clip_norm >= 0.0,
          "clip norm: " + std::to_string(clip_norm) + " is not a finite number >= 0");
  require(std::isfinite(ema_samples) && ema_samples >= 0.0,
          "EMA samples: " + std::to_string(ema_samples) + " is not a finite number >= 0");
  require(beta1 >= 0.0 && beta1 < 1.0, "beta1: " + std::to_string(beta1) + " is not in [0, 1)");
  require(beta2 >= 0.0 && beta2 < 1.0, "beta2: " + std::to_string(beta2) + " is not in [0, 1)");
  require(std::isfinite(epsilon) && epsilon > 0.0, "epsilon: must be finite and above 0");
  require(real_label > 0.0 && real_label <= 1.0,
          "real label: " + std::to_string(real_label) + " is not in (0, 1]");
  require(real_label == 1.0 || kernels::has_real_label(objective),
          "real label: the " + std::string(to_string(objective)) + " objective has no labels to smooth");
  require(batch >= 1 && batch <= kLargestBatch,
          "batch: " + std::to_string(batch) + " is not between 1 and " + std::to_string(kLargestBatch));
  validate_penalties(penalties);
  require(std::isfinite(instance_noise.deviation) && instance_noise.deviation >= 0.0,
          "instance noise: " + std::to_string(instance_noise.deviation) + " is not a finite deviation >= 0");
  require(discriminator_steps >= 1 && discriminator_steps <= 1000,
          "discriminator steps: " + std::to_string(discriminator_steps) + " is not between 1 and 1000");
  require(micro_batch >= 0 && micro_batch <= kLargestBatch, "micro-batch: " + std::to_string(micro_batch) +
                                                                " is not between 0 and " +
                                                                std::to_string(kLargestBatch));
}

std::string_view to_string(Objective objective) { return name_of(kObjectives, objective); }
std::string_view to_string(kernels::Precision precision) { return name_of(kPrecisions, precision); }
std::string_view to_string(NormKind norm) { return name_of(kNorms, norm); }
NormKind parse_norm(std::string_view name) { return value_of(kNorms, "norm", name); }
std::string_view to_string(kernels::RateShape shape) { return name_of(kRateShapes, shape); }
Objective parse_objective(std::string_view name) { return value_of(kObjectives, "objective", name); }
kernels::Precision parse_precision(std::string_view name) { return value_of(kPrecisions, "precision", name); }
kernels::RateShape parse_rate_shape(std::string_view name) {
  return value_of(kRateShapes, "rate schedule", name);
}

}  // namespace agon
