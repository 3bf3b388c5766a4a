#include "engine/checkpoint/config_json.hpp"

#include <nlohmann/json.hpp>

#include "kernels/error.hpp"

namespace agon {
namespace {

using nlohmann::json;

/// Left out where it is the default: files of configurations that older versions know stay as they were.
constexpr const char* kMicroBatch = "micro_batch";
constexpr const char* kRateSchedule = "rate_schedule";
constexpr const char* kPenalties = "penalties";
constexpr const char* kInstanceNoise = "instance_noise";
constexpr const char* kDiscriminatorSteps = "discriminator_steps";
constexpr const char* kPack = "pack";
constexpr const char* kWeightDecay = "weight_decay";
constexpr const char* kClipNorm = "clip_norm";
constexpr const char* kSpectralNorm = "spectral_norm";
constexpr const char* kEmaSamples = "ema_samples";
constexpr const char* kNorm = "norm";
constexpr const char* kResidual = "residual";
constexpr const char* kDropout = "dropout";

json network_to_json(const NetworkSpec& network) {
  // Binding every member: a new one does not compile until it is written here and read below.
  const auto& [widths, slope, norm, residual, dropout] = network;
  json object = {{"widths", widths}, {"slope", slope}};
  if (norm != NormKind::none) object[kNorm] = to_string(norm);
  if (residual) object[kResidual] = true;
  if (dropout != 0) object[kDropout] = dropout;
  return object;
}

[[noreturn]] void reject(const std::string& what) { throw DataError("its configuration's " + what); }

const json& member(const json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end()) reject(name + " is missing");
  return *found;
}

void require_members(const json& object, std::size_t count, const std::string& what) {
  if (!object.is_object() || object.size() != count)
    reject(what + " are not the " + std::to_string(count) + " that this version of agon knows");
}

double real(const json& object, const std::string& name) {
  const json& value = member(object, name);
  if (!value.is_number()) reject(name + " is no number");
  return value.get<double>();
}

double real_or_zero(const json& object, const std::string& name) {
  return object.contains(name) ? real(object, name) : 0.0;
}

/// False where it is not there.
bool truth(const json& object, const std::string& name) {
  if (!object.contains(name)) return false;
  if (!object.at(name).is_boolean()) reject(name + " is neither true nor false");
  return object.at(name).get<bool>();
}

std::uint64_t count(const json& value, const std::string& name) {
  if (!value.is_number_unsigned()) reject(name + " is no whole number");
  return value.get<std::uint64_t>();
}

std::int64_t signed_count(const json& value, const std::string& name) {
  if (count(value, name) > INT64_MAX) reject(name + " is too large");
  return value.get<std::int64_t>();
}

std::string text(const json& object, const std::string& name) {
  const json& value = member(object, name);
  if (!value.is_string()) reject(name + " is no text");
  return value.get<std::string>();
}

NetworkSpec network(const json& config, const std::string& name) {
  const json& object = member(config, name);
  std::size_t optional = 0;
  for (const char* part : {kNorm, kResidual, kDropout}) optional += object.contains(part);
  require_members(object, 2 + optional, name + "'s entries");
  NetworkSpec spec{{}, static_cast<float>(real(object, "slope"))};
  if (object.contains(kNorm)) spec.norm = parse_norm(text(object, kNorm));
  spec.residual = truth(object, kResidual);
  spec.dropout = real_or_zero(object, kDropout);
  const json& widths = member(object, "widths");
  if (!widths.is_array()) reject(name + "'s widths are no list");
  for (const json& width : widths) spec.widths.push_back(signed_count(width, name + "'s width"));
  return spec;
}

json schedule_to_json(const kernels::RateSchedule& schedule) {
  return {{"shape", to_string(schedule.shape)},
          {"warmup_steps", schedule.warmup_steps},
          {"steps", schedule.steps},
          {"final_fraction", schedule.final_fraction}};
}

kernels::RateSchedule schedule(const json& config) {
  const auto found = config.find(kRateSchedule);
  if (found == config.end()) return {};
  require_members(*found, 4, "rate_schedule's entries");
  return {.shape = parse_rate_shape(text(*found, "shape")),
          .warmup_steps = count(member(*found, "warmup_steps"), "warmup_steps"),
          .steps = count(member(*found, "steps"), "schedule's steps"),
          .final_fraction = real(*found, "final_fraction")};
}

json penalties_to_json(const Penalties& penalties) {
  const auto& [r1, r2, wgan_gp, dragan] = penalties;
  return {{"r1", r1}, {"r2", r2}, {"wgan_gp", wgan_gp}, {"dragan", dragan}};
}

Penalties penalties(const json& config) {
  const auto found = config.find(kPenalties);
  if (found == config.end()) return {};
  require_members(*found, 4, "penalties' entries");
  return {.r1 = real(*found, "r1"),
          .r2 = real(*found, "r2"),
          .wgan_gp = real(*found, "wgan_gp"),
          .dragan = real(*found, "dragan")};
}

InstanceNoise instance_noise(const json& config) {
  const auto found = config.find(kInstanceNoise);
  if (found == config.end()) return {};
  require_members(*found, 2, "instance_noise's entries");
  return {.deviation = real(*found, "deviation"),
          .steps = count(member(*found, "steps"), "instance noise's steps")};
}

std::int64_t optional_count(const json& config, const char* name, std::int64_t otherwise) {
  const auto found = config.find(name);
  return found == config.end() ? otherwise : signed_count(*found, name);
}

}  // namespace

std::string to_json(const GanConfig& config) {
  // Binding every member: a new one does not compile until it is written here and read below.
  const auto& [generator, discriminator, objective, generator_rate, discriminator_rate, beta1, beta2, epsilon,
               real_label, batch, micro_batch, seed, precision, rate_schedule, penalties, instance_noise,
               discriminator_steps, pack, weight_decay, clip_norm, spectral_norm, ema_samples] = config;
  json object = {{"generator", network_to_json(generator)},
                 {"discriminator", network_to_json(discriminator)},
                 {"objective", to_string(objective)},
                 {"generator_rate", generator_rate},
                 {"discriminator_rate", discriminator_rate},
                 {"beta1", beta1},
                 {"beta2", beta2},
                 {"epsilon", epsilon},
                 {"real_label", real_label},
                 {"batch", batch},
                 {"seed", seed},
                 {"precision", to_string(precision)}};
  if (rate_schedule != kernels::RateSchedule{}) object[kRateSchedule] = schedule_to_json(rate_schedule);
  if (weight_decay != 0) object[kWeightDecay] = weight_decay;
  if (clip_norm != 0) object[kClipNorm] = clip_norm;
  if (spectral_norm) object[kSpectralNorm] = true;
  if (ema_samples != 0) object[kEmaSamples] = ema_samples;
  if (micro_batch != 0) object[kMicroBatch] = micro_batch;
  if (penalties.any()) object[kPenalties] = penalties_to_json(penalties);
  if (instance_noise != InstanceNoise{})
    object[kInstanceNoise] = {{"deviation", instance_noise.deviation}, {"steps", instance_noise.steps}};
  if (discriminator_steps != 1) object[kDiscriminatorSteps] = discriminator_steps;
  if (pack != 1) object[kPack] = pack;
  return object.dump();
}

GanConfig config_from_json(std::string_view source) {
  const json object = json::parse(source, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) throw DataError("its configuration is no JSON");
  std::size_t optional = 0;
  for (const char* name : {kRateSchedule, kMicroBatch, kPenalties, kInstanceNoise, kDiscriminatorSteps, kPack,
                           kWeightDecay, kClipNorm, kSpectralNorm, kEmaSamples})
    optional += object.contains(name);
  require_members(object, 12 + optional, "entries");
  try {
    const GanConfig config{.generator = network(object, "generator"),
                           .discriminator = network(object, "discriminator"),
                           .objective = parse_objective(text(object, "objective")),
                           .generator_rate = real(object, "generator_rate"),
                           .discriminator_rate = real(object, "discriminator_rate"),
                           .beta1 = real(object, "beta1"),
                           .beta2 = real(object, "beta2"),
                           .epsilon = real(object, "epsilon"),
                           .real_label = real(object, "real_label"),
                           .batch = signed_count(member(object, "batch"), "batch"),
                           .micro_batch = optional_count(object, kMicroBatch, 0),
                           .seed = count(member(object, "seed"), "seed"),
                           .precision = parse_precision(text(object, "precision")),
                           .rate_schedule = schedule(object),
                           .penalties = penalties(object),
                           .instance_noise = instance_noise(object),
                           .discriminator_steps = optional_count(object, kDiscriminatorSteps, 1),
                           .pack = optional_count(object, kPack, 1),
                           .weight_decay = real_or_zero(object, kWeightDecay),
                           .clip_norm = real_or_zero(object, kClipNorm),
                           .spectral_norm = truth(object, kSpectralNorm),
                           .ema_samples = real_or_zero(object, kEmaSamples)};
    config.validate();
    return config;
  } catch (const ConfigurationError& error) {
    throw DataError(std::string("its configuration: ") + error.what());
  }
}

}  // namespace agon
