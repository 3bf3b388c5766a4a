#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "engine/checkpoint/checkpoint.hpp"
#include "engine/gan/config_names.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/describe.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/inspect_program.hpp"
#include "host/cli/inspect_run_json.hpp"
#include "host/cli/inspect_table.hpp"
#include "host/config/settings.hpp"
#include "host/images/read_images.hpp"
#include "host/run/console.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/data_words.hpp"
#include "host/run/image_classes.hpp"
#include "host/run/run_folder.hpp"
#include "host/run/stats_log.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kWhole = std::string::npos;  // nothing of a name is cut off

std::string statistics_text(const Checkpoint& checkpoint) {
  const ordered_json s = last_statistics(checkpoint);
  const auto number = [&](const char* key) {
    const auto value = s.find(key);
    return value != s.end() && value->is_number() ? value->get<double>() : std::nan("");
  };
  if (!s.is_object()) return "none yet";
  const auto [real, fake] = output_names(checkpoint.config.objective);
  return fmt::format("loss D {} G {}, D(real) {}, D(fake) {}", short_number(number("discriminator_loss"), 3),
                     short_number(number("generator_loss"), 3), short_number(number(real), 2),
                     short_number(number(fake), 2));
}

std::string records_text(const Coding& coding) {
  const std::vector<ColumnSchema>& columns = coding.schema().columns;
  const std::vector<std::string> coded = coding.description();
  std::vector<std::string> names;
  std::size_t widest = 6;
  for (const ColumnSchema& column : columns) {
    names.push_back(printable(column.name, kWhole));
    widest = std::max(widest, names.back().size());
  }
  std::string text = fmt::format("\n{:<{}}  {:<12}  coding\n", "column", widest, "kind");
  for (std::size_t i = 0; i < columns.size(); ++i)
    text += fmt::format("{:<{}}  {:<12}  {}\n", names[i], widest, agon::to_string(columns[i].kind),
                        printable(coded[i], kWhole));
  for (const std::string& relation : coding.relations())
    text += labelled("kept", printable(relation, kWhole));
  return text;
}

std::string columns_text(const DataIdentity& data) {
  if (data.representation.of_records()) return records_text(*data.representation.coding);
  const std::vector<Column>& columns = data.representation.columns;
  std::size_t widest = 4;
  for (const Column& c : columns) widest = std::max(widest, printable(c.name, kWhole).size());
  std::string text = fmt::format("\n{:<{}} {:>8} {:>12} {:>12} {:>12} {:>12}\n", "column", widest, "decimals",
                                 "minimum", "maximum", "mean", "deviation");
  for (const Column& c : columns) {
    text += fmt::format("{:<{}} {:>8} {:>12.6g} {:>12.6g} {:>12.6g} {:>12.6g}\n", printable(c.name, kWhole),
                        widest, c.decimals == Column::kAsNeeded ? "as needed" : std::to_string(c.decimals),
                        c.minimum, c.maximum, c.mean, c.deviation);
  }
  return text;
}

/// How far what is kept of the columns tells of single rows.
std::string_view ends_text(const Representation& how) {
  if (how.exact_bounds()) return "exact: the least and greatest numbers below may be single rows' own";
  return how.of_records() ? "smooth: rare extremes are not kept"
                          : "rounded outward: five rows or more are behind each";
}

/// Empty where nothing moves.
std::string schedule_text(const kernels::RateSchedule& schedule) {
  std::string text;
  if (schedule.warmup_steps > 0) text = fmt::format("rise over {} steps", grouped(schedule.warmup_steps));
  if (schedule.shape == kernels::RateShape::constant) return text;
  return text + fmt::format("{}{} to {} of full at step {}", text.empty() ? "" : ", ",
                            to_string(schedule.shape), schedule.final_fraction, grouped(schedule.steps));
}

/// Empty where there is none.
std::string burn_in_text(const kernels::BurnIn& burn_in) {
  if (burn_in.steps == 0) return "";
  std::string text;
  if (burn_in.final_penalty != 1) text = fmt::format("penalties to {} of full, ", burn_in.final_penalty);
  if (burn_in.final_beta2 != 0) text += fmt::format("beta2 to {}, ", burn_in.final_beta2);
  return text + fmt::format("cosine until step {}", grouped(burn_in.steps));
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
  if (config.pack != 1)
    text += labelled("pack", in_words_of(config, fmt::format("{} rows judged together", config.pack)));
  const InstanceNoise& noise = config.instance_noise;
  if (noise.deviation != 0)
    text += labelled(
        "instance noise",
        fmt::format(
            "{}{}", noise.deviation,
            noise.steps == 0 ? "" : fmt::format(", falls to nothing at step {}", grouped(noise.steps))));
  if (config.micro_batch != 0)
    text += labelled("micro-batch", in_words_of(config, fmt::format("{} rows", config.micro_batch)));
  return text;
}

/// A line for each setting of the training that no other line tells of, where it is not at its default.
std::string other_settings_text(const GanConfig& config) {
  constexpr std::string_view kTold[] = {
      "hidden",         "latent",        "slope",       "rate",          "norm",         "residual",
      "output",         "steps",         "pack",        "dropout",       "r1",           "r2",
      "wgan_gp",        "dragan",        "objective",   "batch",         "micro_batch",  "seed",
      "beta1",          "beta2",         "real_label",  "rate_schedule", "warmup_steps", "final_rate",
      "instance_noise", "spectral_norm", "ema_samples", "final_penalty", "final_beta2"};
  Settings settings(config), defaults;
  const auto all = all_settings(settings), plain = all_settings(defaults);
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const SettingValue value = all[i].value();
    const bool told = std::ranges::find(kTold, all[i].key) != std::end(kTold);
    if (told || !is_of_training(all[i]) || value == plain[i].value()) continue;
    std::string label = all[i].flag;
    std::ranges::replace(label, '-', ' ');
    const auto* number = std::get_if<double>(&value);
    text += labelled(label, number ? fmt::format("{}", *number) : setting_text(all[i]));
  }
  return text;
}

/// And of what becomes of its gradients.
std::string gradient_text(const GanConfig& config) {
  std::string text;
  if (const std::string rates = schedule_text(config.rate_schedule); !rates.empty())
    text += labelled("rates", rates);
  if (const std::string moved = burn_in_text(config.burn_in); !moved.empty())
    text += labelled("burn-in", moved);
  text += other_settings_text(config);
  if (config.spectral_norm) text += labelled("spectral norm", "of the discriminator's weights");
  if (config.ema_samples > 0)
    text += labelled("average",
                     fmt::format("of the generator's weights, half-life {} samples", config.ema_samples));
  return text;
}

std::string run_text(const FoundCheckpoint& found, const DataIdentity& data) {
  const Checkpoint& c = found.checkpoint;
  const GanConfig& config = c.config;
  std::string text;
  text += labelled("checkpoint", found.path.string());
  text += labelled("step", fmt::format("{} (epoch {:.1f})", grouped(c.snapshot.step), epoch_of(c, data)));
  if (c.snapshot.holds == Gan::Snapshot::Holds::generator)
    text += labelled("holds", "the generator alone, to draw from");
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
  if (data.representation.of_images()) {
    const std::string shape = image_size_text(data.representation.images);
    if (data.representation.classes.any())
      text += labelled("classes", class_names_text(data.representation.classes));
    return text + labelled("data", fmt::format("{} images of {}, fingerprint {}",
                                               grouped(static_cast<std::uint64_t>(data.rows)), shape,
                                               data.fingerprint));
  }
  text += labelled("data", fmt::format("{} rows, {} columns, fingerprint {}",
                                       grouped(static_cast<std::uint64_t>(data.rows)),
                                       data.representation.names().size(), data.fingerprint));
  text += labelled("bounds", ends_text(data.representation));
  return text + columns_text(data);
}

}  // namespace

namespace {

/// A file that is no checkpoint by its name, or standard input.
bool is_table(const std::string& source) {
  std::error_code ignored;
  const std::filesystem::path path(source);
  return source == "-" ||
         (path.extension() != ".safetensors" && std::filesystem::is_regular_file(path, ignored));
}

/// A run folder holds grids of drawn images, too, beside its configuration.
bool is_unlearnt_images(const std::string& source) {
  std::error_code ignored;
  const std::filesystem::path path(source);
  return path.extension() != ".safetensors" && !std::filesystem::exists(path / "config.toml", ignored) &&
         is_images(path);
}

}  // namespace

int inspect(const InspectOptions& options) {
  const DescribedGpu* const gpu = options.gpu.empty() ? nullptr : &described_gpu(options.gpu);
  const bool images = is_unlearnt_images(options.source), table = !images && is_table(options.source);
  if (options.program && (images || table))
    throw ConfigurationError(options.source + ": is neither a run nor a checkpoint: it has no --program");
  if (table) return inspect_table(options);
  if (!options.write_schema.empty() || !options.schema.empty() || !options.columns.empty() ||
      !options.ignore.empty() || options.exact_bounds)
    throw ConfigurationError(options.source +
                             ": is no table: --schema, --columns, --ignore, --write-schema and "
                             "--exact-bounds are for tables");
  if (images) return inspect_images(options);
  const FoundCheckpoint found = find_checkpoint(options.source);
  for (const std::string& line : found.damaged) print_message("agon: passed over " + line);
  if (options.program) {
    const auto& [config, device] = std::tie(found.checkpoint.config, found.checkpoint.device);
    print_data(options.json ? program_json(config, device, gpu).dump(2) + "\n"
                            : program_text(config, device, gpu));
    return kDone;
  }
  const DataIdentity data = stored_identity(found.checkpoint, found.path.string());
  print_data(options.json ? run_json(found, data) : printable_lines(run_text(found, data)));
  return kDone;
}

}  // namespace agon::host
