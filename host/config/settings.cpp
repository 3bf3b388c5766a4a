#include "host/config/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace agon::host {
namespace {

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

bool is_of_training(const Setting& setting) {
  return setting.section != "data" && setting.section != "run" && setting.section != "device";
}

std::string setting_text(const Setting& setting) {
  struct {
    std::string operator()(std::int64_t v) const { return fmt::format("{}", v); }
    std::string operator()(double v) const {
      const std::string text = fmt::format("{}", v);
      return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
    }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(const std::string& v) const { return quoted(v); }
    std::string operator()(const std::vector<std::int64_t>& v) const {
      return fmt::format("[{}]", fmt::join(v, ", "));
    }
  } write;
  return std::visit(write, setting.value());
}

constexpr double kTenth = 0.1;

void settle_held_out(Settings& settings, std::int64_t rows) {
  constexpr std::int64_t kEnoughRows = 200;
  if (settings.training.held_out < 0) settings.training.held_out = rows >= kEnoughRows ? kTenth : 0;
}

double held_out_share(const Settings& settings) {
  if (settings.training.held_out > 0) return settings.training.held_out;
  return settings.training.replicas > 1 || settings.run.patience > 0 ? kTenth : 0;
}

namespace {

GanConfig gan_config(const Settings& s, const RecordLayout& records, std::int64_t scores,
                     std::uint64_t steps) {
  GanConfig config = s.gan;
  config.generator.records = records;
  config.generator.widths.back() = scores;
  config.generator.widths.front() += records.condition_levels();
  config.discriminator.widths.front() = config.pack * config.width();
  config.instance_noise.steps =
      static_cast<std::uint64_t>(s.training.instance_noise_until * static_cast<double>(steps));
  kernels::RateSchedule& schedule = config.rate_schedule;
  schedule.steps = schedule.shape == kernels::RateShape::constant ? 0 : steps;
  if (schedule.steps > 0) schedule.warmup_steps = std::min(schedule.warmup_steps, steps / 4);
  config.validate();
  return config;
}

}  // namespace

GanConfig gan_config(const Settings& settings, std::int64_t width, std::uint64_t steps) {
  return gan_config(settings, {}, width, steps);
}

GanConfig gan_config(const Settings& settings, const RecordLayout& records, std::uint64_t steps) {
  return gan_config(settings, records, records.scores(), steps);
}

}  // namespace agon::host
