#include "host/config/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr double kWidest = 1 << 20;  // columns of one layer, rows of one batch
constexpr double kMostReplicas = 4096;
constexpr double kHeaviest = 1e6;

std::vector<std::int64_t> inner(const std::vector<std::int64_t>& widths) {
  return {widths.begin() + 1, widths.end() - 1};
}

/// The decimal number a person would have written for the float: 0.2, not 0.200000003.
double decimal(float value) { return std::stod(fmt::format("{}", value)); }

std::vector<std::int64_t> widths(std::int64_t in, const std::vector<std::int64_t>& hidden, std::int64_t out) {
  std::vector<std::int64_t> all{in};
  all.insert(all.end(), hidden.begin(), hidden.end());
  all.push_back(out);
  return all;
}

/// A basic string of TOML. Bytes above 127 pass: text is UTF-8.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

Settings::Settings(const GanConfig& config) {
  generator = {inner(config.generator.widths),
               config.latent(),
               decimal(config.generator.slope),
               config.generator_rate,
               std::string(to_string(config.generator.norm)),
               config.generator.residual};
  discriminator = {inner(config.discriminator.widths),
                   decimal(config.discriminator.slope),
                   config.discriminator_rate,
                   config.discriminator_steps,
                   config.pack,
                   config.discriminator.dropout};
  penalties = {config.penalties.r1, config.penalties.r2, config.penalties.wgan_gp, config.penalties.dragan};
  training.objective = to_string(config.objective);
  training.batch = config.batch;
  training.micro_batch = config.micro_batch;
  training.seed = static_cast<std::int64_t>(config.seed);
  training.beta1 = config.beta1;
  training.beta2 = config.beta2;
  training.epsilon = config.epsilon;
  training.real_label = config.real_label;
  training.rate_schedule = to_string(config.rate_schedule.shape);
  training.warmup_steps = static_cast<std::int64_t>(config.rate_schedule.warmup_steps);
  training.final_rate = config.rate_schedule.final_fraction;
  training.instance_noise = config.instance_noise.deviation;
  training.weight_decay = config.weight_decay;
  training.clip_norm = config.clip_norm;
  training.spectral_norm = config.spectral_norm;
  training.ema_samples = config.ema_samples;
  device.precision = to_string(config.precision);
}

std::int64_t Settings::rows_of_step() const {
  return GanConfig{.batch = training.batch, .discriminator_steps = discriminator.steps}.rows_of_step();
}

bool is_of_training(const Setting& setting) {
  return setting.section != "data" && setting.section != "run" && setting.section != "device";
}

std::vector<Setting> all_settings(Settings& s) {
  const double below_one = std::nextafter(1.0, 0.0);
  const auto any = kUnbounded;
  return {
      {"data", "table", "", "CSV file, one record a line", &s.data.table},
      {"generator", "hidden", "generator-hidden", "widths of its hidden layers", &s.generator.hidden, 1,
       kWidest},
      {"generator", "latent", "latent", "width of the noise it starts from", &s.generator.latent, 1, kWidest},
      {"generator", "slope", "generator-slope", "its LeakyReLU's slope below zero", &s.generator.slope, 0, 1},
      {"generator", "rate", "generator-rate", "its learning rate", &s.generator.rate, 0, 10, true},
      {"generator",
       "norm",
       "generator-norm",
       "of its hidden layers before LeakyReLU: none, batch (running statistics when sampling) or layer",
       &s.generator.norm,
       0,
       0,
       false,
       {"none", "batch", "layer"}},
      {"generator", "residual", "residual",
       "whether its hidden layers have their input beside their output, as CTGAN's", &s.generator.residual},
      {"discriminator", "hidden", "discriminator-hidden", "widths of its hidden layers",
       &s.discriminator.hidden, 1, kWidest},
      {"discriminator", "slope", "discriminator-slope", "its LeakyReLU's slope below zero",
       &s.discriminator.slope, 0, 1},
      {"discriminator", "rate", "discriminator-rate", "its learning rate", &s.discriminator.rate, 0, 10,
       true},
      {"discriminator", "steps", "discriminator-steps",
       "its updates in a step, each on a batch of its own, before the generator's", &s.discriminator.steps, 1,
       1000},
      {"discriminator", "pack", "pack",
       "rows that it judges together, side by side, all real or all fake (PacGAN)", &s.discriminator.pack, 1,
       kWidest},
      {"discriminator", "dropout", "dropout",
       "share of its hidden layers' outputs that is dropped while training", &s.discriminator.dropout, 0,
       below_one},
      {"penalties", "r1", "r1", "R1: r1/2 of its squared slope at real rows", &s.penalties.r1, 0, kHeaviest},
      {"penalties", "r2", "r2", "R2: the same at fakes", &s.penalties.r2, 0, kHeaviest},
      {"penalties", "wgan_gp", "wgan-gp", "WGAN-GP: weight of (slope - 1)^2 between real rows and fakes",
       &s.penalties.wgan_gp, 0, kHeaviest},
      {"penalties", "dragan", "dragan", "DRAGAN: weight of (slope - 1)^2 around real rows",
       &s.penalties.dragan, 0, kHeaviest},
      {"training",
       "objective",
       "objective",
       "non-saturating, minimax (the literal game), hinge, least-squares, relativistic, or "
       "wasserstein, which needs a penalty (--wgan-gp 10)",
       &s.training.objective,
       0,
       0,
       false,
       {"non-saturating", "minimax", "hinge", "least-squares", "wasserstein", "relativistic"}},
      {"training", "epochs", "epochs", "passes over the table", &s.training.epochs, 1, 1e9},
      {"training", "batch", "batch", "rows in a step", &s.training.batch, 1, kWidest},
      {"training", "micro_batch", "micro-batch",
       "rows that go through the networks at a time; 0 for what the device's cache holds",
       &s.training.micro_batch, 0, kWidest},
      {"training", "seed", "seed", "of initial weights, noise and the order of rows", &s.training.seed, 0,
       any},
      {"training", "replicas", "replicas",
       "trainings side by side, with seeds from that one up; the best is kept", &s.training.replicas, 1,
       kMostReplicas},
      {"training", "held_out", "held-out",
       "share of the rows that are never learnt from and score what is; 0: a tenth for several replicas or "
       "with --patience, else none",
       &s.training.held_out, 0, 0.9},
      {"training", "beta1", "beta1", "Adam's decay of the mean gradient", &s.training.beta1, 0, below_one},
      {"training", "beta2", "beta2", "Adam's decay of the squared gradient", &s.training.beta2, 0, below_one},
      {"training", "epsilon", "epsilon", "Adam's epsilon", &s.training.epsilon, 0, 1, true},
      {"training", "real_label", "real-label",
       "target of real rows; below 1 smooths the labels, where the objective has them",
       &s.training.real_label, 0, 1, true},
      {"training",
       "rate_schedule",
       "rate-schedule",
       "both learning rates over the run: constant, or falling as linear or cosine",
       &s.training.rate_schedule,
       0,
       0,
       false,
       {"constant", "linear", "cosine"}},
      {"training", "warmup_steps", "warmup-steps", "steps in which they rise to their full value first",
       &s.training.warmup_steps, 0, any},
      {"training", "final_rate", "final-rate", "share of them that linear and cosine fall to",
       &s.training.final_rate, 0, 1},
      {"training", "instance_noise", "instance-noise",
       "standard deviation of noise on all that D sees, in standard deviations of the columns",
       &s.training.instance_noise, 0, kHeaviest},
      {"training", "instance_noise_until", "instance-noise-until",
       "share of the run at which the noise has fallen to nothing; 0: it stays",
       &s.training.instance_noise_until, 0, 1},
      {"training", "weight_decay", "weight-decay",
       "share of a parameter that a step of rate 1 takes away, in both networks (AdamW)",
       &s.training.weight_decay, 0, 1},
      {"training", "clip_norm", "clip-norm",
       "norm that each network's gradient is scaled down to where it is longer; 0 for none",
       &s.training.clip_norm, 0, any},
      {"training", "spectral_norm", "spectral-norm",
       "whether the discriminator's weights are divided by their largest singular value",
       &s.training.spectral_norm},
      {"training", "ema_samples", "ema-samples",
       "rows of training in which the average of the generator's weights, which is sampled from, forgets "
       "half; 0 "
       "for none",
       &s.training.ema_samples, 0, any},
      {"run", "checkpoint_every", "checkpoint-every", "steps between checkpoints", &s.run.checkpoint_every, 1,
       any},
      {"run", "keep", "keep", "newest checkpoints kept", &s.run.keep, 1, any},
      {"run", "log_every", "log-every", "steps between lines of stats.jsonl", &s.run.log_every, 1, any},
      {"run", "samples_every", "samples-every", "steps between samples-*.csv; 0 for none",
       &s.run.samples_every, 0, any},
      {"run", "samples", "samples", "rows in each of them", &s.run.samples, 1, kWidest},
      {"run", "patience", "patience",
       "end after so many checkpoints without a better held-out score; 0: train to the end", &s.run.patience,
       0, any},
      {"run", "restarts", "restarts",
       "begin again with the next seed and lower rates, at most so often: after divergence or a lasting "
       "collapse, or where at the end G is collapsed or was never near the held-out rows",
       &s.run.restarts, 0, 1000},
      {"run", "from_recipe", "",
       "the recipe that settings were taken from, as a note: --recipe takes them, this line changes nothing",
       &s.run.from_recipe},
      {"device", "name", "device", "auto, cpu, cuda or cuda:N", &s.device.name},
      {"device", "threads", "threads", "of the processor; 0 takes every core", &s.device.threads, 0, 4096},
      {"device",
       "precision",
       "precision",
       "of products in layers wider than 16: fp32, or factors rounded to tf32 or bf16",
       &s.device.precision,
       0,
       0,
       false,
       {"fp32", "tf32", "bf16"}},
      {"device", "steps_per_launch", "steps-per-launch",
       "on CUDA: 0 for all (the device repeats them), -1 for each operation; no effect on the processor",
       &s.device.steps_per_launch, -1, any},
      {"device", "plan", "plan",
       "on CUDA, how linear layers are computed: auto (timed once, then remembered), tune (timed again), "
       "estimate, "
       "own, library, fused, or a file of agon devices --plan --json",
       &s.device.plan},
  };
}

std::string setting_text(const Setting& setting) {
  struct {
    std::string operator()(const std::int64_t* v) const { return fmt::format("{}", *v); }
    std::string operator()(const double* v) const {
      const std::string text = fmt::format("{}", *v);
      return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
    }
    std::string operator()(const bool* v) const { return *v ? "true" : "false"; }
    std::string operator()(const std::string* v) const { return quoted(*v); }
    std::string operator()(const std::vector<std::int64_t>* v) const {
      return fmt::format("[{}]", fmt::join(*v, ", "));
    }
  } write;
  return std::visit(write, setting.target);
}

double held_out_share(const Settings& settings) {
  constexpr double kTenth = 0.1;
  if (settings.training.held_out > 0) return settings.training.held_out;
  return settings.training.replicas > 1 || settings.run.patience > 0 ? kTenth : 0;
}

GanConfig gan_config(const Settings& s, std::int64_t width, std::uint64_t steps) {
  GanConfig config;
  config.generator = {widths(s.generator.latent, s.generator.hidden, width),
                      static_cast<float>(s.generator.slope), parse_norm(s.generator.norm),
                      s.generator.residual};
  config.discriminator = {widths(s.discriminator.pack * width, s.discriminator.hidden, 1),
                          static_cast<float>(s.discriminator.slope)};
  config.discriminator.dropout = s.discriminator.dropout;
  config.objective = parse_objective(s.training.objective);
  config.generator_rate = s.generator.rate;
  config.discriminator_rate = s.discriminator.rate;
  config.discriminator_steps = s.discriminator.steps;
  config.pack = s.discriminator.pack;
  config.penalties = {s.penalties.r1, s.penalties.r2, s.penalties.wgan_gp, s.penalties.dragan};
  config.instance_noise.deviation = s.training.instance_noise;
  config.instance_noise.steps =
      static_cast<std::uint64_t>(s.training.instance_noise_until * static_cast<double>(steps));
  config.beta1 = s.training.beta1;
  config.beta2 = s.training.beta2;
  config.epsilon = s.training.epsilon;
  config.real_label = s.training.real_label;
  config.batch = s.training.batch;
  config.micro_batch = s.training.micro_batch;
  config.seed = static_cast<std::uint64_t>(s.training.seed);
  config.precision = parse_precision(s.device.precision);
  auto& schedule = config.rate_schedule;
  schedule.shape = parse_rate_shape(s.training.rate_schedule);
  schedule.warmup_steps = static_cast<std::uint64_t>(s.training.warmup_steps);
  schedule.final_fraction = s.training.final_rate;
  if (schedule.shape != kernels::RateShape::constant) schedule.steps = steps;
  config.weight_decay = s.training.weight_decay;
  config.clip_norm = s.training.clip_norm;
  config.spectral_norm = s.training.spectral_norm;
  config.ema_samples = s.training.ema_samples;
  config.validate();
  return config;
}

}  // namespace agon::host
