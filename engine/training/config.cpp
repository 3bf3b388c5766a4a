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

/// Bounds the parameters below 2^57, so that no count of them overflows.
void validate_network(const NetworkSpec& spec, const std::string& name) {
  constexpr std::int64_t kWidest = 1 << 20;
  constexpr std::size_t kDeepest = 256;
  require(spec.widths.size() >= 2, name + ": needs at least an input and an output width");
  require(spec.widths.size() <= kDeepest, name + ": " + std::to_string(spec.widths.size()) +
                                              " widths are more than " + std::to_string(kDeepest));
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

void validate_layers(const GanConfig& c) {
  validate_network(c.generator, "generator");
  validate_network(c.discriminator, "discriminator");
  require(c.discriminator.norm == NormKind::none,
          "discriminator: a norm in it would shut out the penalties on its slope");
  require(!c.discriminator.residual, "discriminator: residual blocks are the generator's");
  require(c.generator.dropout == 0.0, "generator: dropout is the discriminator's");
  require(c.discriminator.dropout >= 0.0 && c.discriminator.dropout < 1.0,
          "dropout: " + std::to_string(c.discriminator.dropout) + " is not in [0, 1)");
  require(c.discriminator.widths.back() == 1, "discriminator: output width must be 1, one logit a row");
}

void validate_rows(const GanConfig& c) {
  constexpr std::int64_t kLargestBatch = 1 << 20;
  require(c.batch >= 1 && c.batch <= kLargestBatch,
          "batch: " + std::to_string(c.batch) + " is not between 1 and " + std::to_string(kLargestBatch));
  require(c.micro_batch >= 0 && c.micro_batch <= kLargestBatch,
          "micro-batch: " + std::to_string(c.micro_batch) + " is not between 0 and " +
              std::to_string(kLargestBatch));
  require(c.discriminator_steps >= 1 && c.discriminator_steps <= 1000,
          "discriminator steps: " + std::to_string(c.discriminator_steps) + " is not between 1 and 1000");
  require(c.generator.norm != NormKind::batch || c.batch > 1,
          "batch norm: needs a batch of two rows or more");
  require(c.pack >= 1 && c.pack <= c.batch && c.batch % c.pack == 0,
          "pack: " + std::to_string(c.pack) + " does not divide the batch of " + std::to_string(c.batch));
  require(c.discriminator.widths.front() == c.pack * c.width(),
          "discriminator: input width " + std::to_string(c.discriminator.widths.front()) +
              " differs from the generator's output width " + std::to_string(c.width()) +
              (c.pack == 1 ? "" : " times the pack of " + std::to_string(c.pack)));
}

void validate_optimiser(const GanConfig& c) {
  validate_rate(c.generator_rate, "generator rate");
  validate_rate(c.discriminator_rate, "discriminator rate");
  validate_schedule(c.rate_schedule);
  require(c.weight_decay >= 0.0 && c.weight_decay <= 1.0,
          "weight decay: " + std::to_string(c.weight_decay) + " is not between 0 and 1");
  require(c.weight_decay * std::max(c.generator_rate, c.discriminator_rate) <= 1.0,
          "weight decay: " + std::to_string(c.weight_decay) + " at these rates takes away more than all");
  require(std::isfinite(c.clip_norm) && c.clip_norm >= 0.0,
          "clip norm: " + std::to_string(c.clip_norm) + " is not a finite number >= 0");
  require(std::isfinite(c.ema_samples) && c.ema_samples >= 0.0,
          "EMA samples: " + std::to_string(c.ema_samples) + " is not a finite number >= 0");
  require(c.beta1 >= 0.0 && c.beta1 < 1.0, "beta1: " + std::to_string(c.beta1) + " is not in [0, 1)");
  require(c.beta2 >= 0.0 && c.beta2 < 1.0, "beta2: " + std::to_string(c.beta2) + " is not in [0, 1)");
  require(std::isfinite(c.epsilon) && c.epsilon > 0.0, "epsilon: must be finite and above 0");
}

void validate_game(const GanConfig& c) {
  require(c.real_label > 0.0 && c.real_label <= 1.0,
          "real label: " + std::to_string(c.real_label) + " is not in (0, 1]");
  require(c.real_label == 1.0 || kernels::has_real_label(c.objective),
          "real label: the " + std::string(to_string(c.objective)) + " objective has no labels to smooth");
  validate_penalties(c.penalties);
  require(
      std::isfinite(c.instance_noise.deviation) && c.instance_noise.deviation >= 0.0,
      "instance noise: " + std::to_string(c.instance_noise.deviation) + " is not a finite deviation >= 0");
}

}  // namespace

void GanConfig::validate() const {
  validate_layers(*this);
  validate_rows(*this);
  validate_optimiser(*this);
  validate_game(*this);
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
