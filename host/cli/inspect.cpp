#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/checkpoint/checkpoint.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/describe.hpp"
#include "host/cli/exit_code.hpp"
#include "host/config/settings.hpp"
#include "host/run/console.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/run_folder.hpp"
#include "host/run/stats_log.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

/// The statistics of the checkpoint's last step; null at step 0, or where they are no JSON object.
ordered_json last_statistics(const Checkpoint& checkpoint) {
  const auto found = checkpoint.metadata.find("statistics");
  if (found == checkpoint.metadata.end()) return nullptr;
  const auto statistics = ordered_json::parse(found->second, nullptr, false);
  return statistics.is_object() ? statistics : ordered_json(nullptr);
}

ordered_json network_json(const NetworkSpec& spec, double rate) {
  ordered_json object = {
      {"widths", spec.widths}, {"slope", spec.slope}, {"parameters", spec.parameter_count()}, {"rate", rate}};
  if (spec.norm != NormKind::none) object["norm"] = to_string(spec.norm);
  if (spec.residual) object["residual"] = true;
  if (spec.dropout != 0) object["dropout"] = spec.dropout;
  return object;
}

ordered_json columns_json(const DataIdentity& data) {
  ordered_json columns = ordered_json::array();
  for (const Column& c : data.columns) {
    columns.push_back({{"name", c.name},
                       {"decimals", c.decimals},
                       {"minimum", c.minimum},
                       {"maximum", c.maximum},
                       {"mean", c.mean},
                       {"deviation", c.deviation}});
  }
  return columns;
}

ordered_json penalties_json(const Penalties& p) {
  return {{"r1", p.r1}, {"r2", p.r2}, {"wgan_gp", p.wgan_gp}, {"dragan", p.dragan}};
}

double epoch_of(const Checkpoint& checkpoint, const DataIdentity& data) {
  return static_cast<double>(checkpoint.snapshot.step) *
         static_cast<double>(checkpoint.config.rows_of_step()) / static_cast<double>(data.rows);
}

std::string as_json(const FoundCheckpoint& found, const DataIdentity& data) {
  const Checkpoint& c = found.checkpoint;
  const GanConfig& config = c.config;
  const ordered_json all{{"checkpoint", found.path.string()},
                         {"step", c.snapshot.step},
                         {"epoch", epoch_of(c, data)},
                         {"generator", network_json(config.generator, config.generator_rate)},
                         {"discriminator", network_json(config.discriminator, config.discriminator_rate)},
                         {"objective", to_string(config.objective)},
                         {"penalties", penalties_json(config.penalties)},
                         {"discriminator_steps", config.discriminator_steps},
                         {"pack", config.pack},
                         {"instance_noise", config.instance_noise.deviation},
                         {"instance_noise_steps", config.instance_noise.steps},
                         {"batch", config.batch},
                         {"micro_batch", config.micro_batch},
                         {"beta1", config.beta1},
                         {"beta2", config.beta2},
                         {"epsilon", config.epsilon},
                         {"real_label", config.real_label},
                         {"seed", config.seed},
                         {"precision", to_string(config.precision)},
                         {"rate_schedule", to_string(config.rate_schedule.shape)},
                         {"warmup_steps", config.rate_schedule.warmup_steps},
                         {"schedule_steps", config.rate_schedule.steps},
                         {"final_rate", config.rate_schedule.final_fraction},
                         {"weight_decay", config.weight_decay},
                         {"clip_norm", config.clip_norm},
                         {"spectral_norm", config.spectral_norm},
                         {"ema_samples", config.ema_samples},
                         {"device", c.device},
                         {"threads", c.threads},
                         {"rows", data.rows},
                         {"fingerprint", data.fingerprint},
                         {"columns", columns_json(data)},
                         {"statistics", last_statistics(c)}};
  return all.dump(2) + "\n";
}

std::string statistics_text(const Checkpoint& checkpoint) {
  const ordered_json s = last_statistics(checkpoint);
  const auto number = [&](const char* key) {
    const auto value = s.find(key);
    return value != s.end() && value->is_number() ? value->get<double>() : std::nan("");
  };
  if (!s.is_object()) return "none yet";
  const auto [real, fake] = output_names(checkpoint.config.objective);
  return fmt::format("loss D {:.3f} G {:.3f}, D(real) {:.2f}, D(fake) {:.2f}", number("discriminator_loss"),
                     number("generator_loss"), number(real), number(fake));
}

std::string columns_text(const DataIdentity& data) {
  std::size_t widest = 4;
  for (const Column& c : data.columns) widest = std::max(widest, c.name.size());
  std::string text = fmt::format("\n{:<{}} {:>8} {:>12} {:>12} {:>12} {:>12}\n", "column", widest, "decimals",
                                 "minimum", "maximum", "mean", "deviation");
  for (const Column& c : data.columns) {
    text += fmt::format("{:<{}} {:>8} {:>12.6g} {:>12.6g} {:>12.6g} {:>12.6g}\n", c.name, widest,
                        c.decimals == Column::kAsNeeded ? "as needed" : std::to_string(c.decimals), c.minimum,
                        c.maximum, c.mean, c.deviation);
  }
  return text;
}

/// Empty where nothing moves.
std::string schedule_text(const kernels::RateSchedule& schedule) {
  std::string text;
  if (schedule.warmup_steps > 0) text = fmt::format("rise over {} steps", grouped(schedule.warmup_steps));
  if (schedule.shape == kernels::RateShape::constant) return text;
  return text + fmt::format("{}{} to {} of full at step {}", text.empty() ? "" : ", ",
                            to_string(schedule.shape), schedule.final_fraction, grouped(schedule.steps));
}

std::string penalties_text(const Penalties& p) {
  std::string text;
  for (const auto& [name, weight] : {std::pair("R1", p.r1), std::pair("R2", p.r2),
                                     std::pair("WGAN-GP", p.wgan_gp), std::pair("DRAGAN", p.dragan)})
    if (weight != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, weight);
  return text;
}

/// A line for each part of the game that is not the plain one's.
std::string game_text(const GanConfig& config) {
  std::string text;
  if (config.penalties.any()) text += labelled("penalties", penalties_text(config.penalties));
  if (config.discriminator_steps != 1)
    text += labelled("steps of D", fmt::format("{} for one of G", config.discriminator_steps));
  if (config.pack != 1) text += labelled("pack", fmt::format("{} rows judged together", config.pack));
  const InstanceNoise& noise = config.instance_noise;
  if (noise.deviation != 0)
    text += labelled(
        "instance noise",
        fmt::format(
            "{}{}", noise.deviation,
            noise.steps == 0 ? "" : fmt::format(", falls to nothing at step {}", grouped(noise.steps))));
  if (config.micro_batch != 0) text += labelled("micro-batch", fmt::format("{} rows", config.micro_batch));
  return text;
}

/// And of what becomes of its gradients.
std::string gradient_text(const GanConfig& config) {
  std::string text;
  if (const std::string rates = schedule_text(config.rate_schedule); !rates.empty())
    text += labelled("rates", rates);
  if (config.weight_decay > 0) text += labelled("weight decay", fmt::format("{}", config.weight_decay));
  if (config.clip_norm > 0) text += labelled("clip norm", fmt::format("{}", config.clip_norm));
  if (config.spectral_norm) text += labelled("spectral norm", "of the discriminator's weights");
  if (config.ema_samples > 0)
    text += labelled("average",
                     fmt::format("of the generator's weights, half-life {} samples", config.ema_samples));
  return text;
}

std::string as_text(const FoundCheckpoint& found, const DataIdentity& data) {
  const Checkpoint& c = found.checkpoint;
  const GanConfig& config = c.config;
  std::string text;
  text += labelled("checkpoint", found.path.string());
  text += labelled("step", fmt::format("{} (epoch {:.1f})", grouped(c.snapshot.step), epoch_of(c, data)));
  text += labelled("generator", network_text(config.generator));
  text += labelled("discriminator", network_text(config.discriminator));
  text += labelled("training",
                   fmt::format("{}, batch {}, rates {} and {}, betas {} and {}, real label {}",
                               to_string(config.objective), config.batch, config.generator_rate,
                               config.discriminator_rate, config.beta1, config.beta2, config.real_label));
  text += game_text(config) + gradient_text(config);
  text += labelled("seed", std::to_string(config.seed));
  text += labelled("device", c.device == "cpu"
                                 ? fmt::format("cpu, {} threads, {}", c.threads, to_string(config.precision))
                                 : fmt::format("{}, {}", c.device, to_string(config.precision)));
  text += labelled("last step", statistics_text(c));
  text += labelled("data", fmt::format("{} rows, {} columns, fingerprint {}",
                                       grouped(static_cast<std::uint64_t>(data.rows)), data.columns.size(),
                                       data.fingerprint));
  return text + columns_text(data);
}

}  // namespace

int inspect(const InspectOptions& options) {
  const FoundCheckpoint found = find_checkpoint(options.source);
  for (const std::string& line : found.damaged) print_message("agon: passed over " + line);
  const DataIdentity data = stored_identity(found.checkpoint, found.path.string());
  print_data(options.json ? as_json(found, data) : as_text(found, data));
  return kDone;
}

}  // namespace agon::host
