#include "host/config/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "kernels/error.hpp"

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

/// Steps of a run of so many.
std::uint64_t burn_in_of(const Settings& s, std::uint64_t steps) {
  if (s.training.burn_in == 1) return steps;
  return std::max<std::uint64_t>(static_cast<std::uint64_t>(s.training.burn_in * static_cast<double>(steps)),
                                 1);
}

/// With what follows from the length of the run.
GanConfig with_length(GanConfig config, const Settings& s, std::uint64_t steps) {
  config.instance_noise.steps =
      static_cast<std::uint64_t>(s.training.instance_noise_until * static_cast<double>(steps));
  const std::uint64_t burn_in = burn_in_of(s, steps);
  kernels::RateSchedule& schedule = config.rate_schedule;
  schedule.steps = schedule.shape == kernels::RateShape::constant ? 0 : burn_in;
  if (schedule.steps > 0) schedule.warmup_steps = std::min(schedule.warmup_steps, burn_in / 4);
  config.burn_in.steps = config.burn_in.final_penalty == 1 && config.burn_in.final_beta2 == 0 ? 0 : burn_in;
  config.validate();
  return config;
}

/// The longer side of the smallest image within a network: without residual blocks the last convolution sees
/// all of the image, or nearly; with fewer halvings what is drawn falls to pieces (bench/results, image
/// quality).
std::int64_t smallest_side(bool blocks) { return blocks ? 7 : 4; }

/// Until the longer side is the smallest or less; small images twice all the same, down to 2 pixels.
/// Interpolation between blocks takes even sides alone.
std::size_t halvings_of(kernels::ImageShape images, bool blocks) {
  constexpr std::size_t kFewest = 2;
  std::size_t halvings = 0;
  const auto again = [&] {
    const auto [shorter, longer] = std::minmax({images.height, images.width});
    if (shorter < 2 || (blocks && (images.height % 2 != 0 || images.width % 2 != 0))) return false;
    return longer > smallest_side(blocks) || (halvings < kFewest && shorter >= 4);
  };
  for (; again(); images.height /= 2, images.width /= 2) ++halvings;
  return halvings;
}

/// "32x40": the least size as large that any network can halve until its longer side is 4 to 7.
std::string nearest_size(const kernels::ImageShape& images) {
  constexpr std::int64_t kLeast = 4;
  const std::int64_t longer = std::max(images.height, images.width);
  std::int64_t unit = 2;
  while (smallest_side(true) * unit < longer) unit *= 2;
  const auto side = [&](std::int64_t pixels) {
    const std::int64_t units = (pixels + unit - 1) / unit;
    return (pixels == longer ? std::max(units, kLeast) : units) * unit;
  };
  return fmt::format("{}x{}", side(images.height), side(images.width));
}

GanConfig gan_config(const Settings& s, const RecordLayout& records, std::int64_t scores,
                     std::uint64_t steps) {
  GanConfig config = s.gan;
  config.generator.records = records;
  config.generator.widths.back() = scores;
  config.generator.widths.front() += records.condition_levels();
  config.discriminator.widths.front() = config.pack * config.width();
  return with_length(std::move(config), s, steps);
}

}  // namespace

GanConfig gan_config(const Settings& settings, std::int64_t width, std::uint64_t steps) {
  if (settings.data.coding == "images")
    throw ConfigurationError("data.coding: images, where columns of numbers are learnt");
  return gan_config(settings, {}, width, steps);
}

GanConfig gan_config(const Settings& settings, const kernels::ImageShape& images,
                     const std::vector<std::int64_t>& class_shares, std::uint64_t steps) {
  GanConfig config = settings.gan;
  config.generator.images.role = ImageRole::makes;
  config.discriminator.images.role = ImageRole::reads;
  config.generator.images.shape = config.discriminator.images.shape = images;
  config.generator.widths.back() = config.discriminator.widths.front() = images.channels;
  const std::int64_t classes = std::ssize(class_shares);
  config.generator.records.conditions.shares = class_shares;
  config.generator.widths.front() += classes;
  config.discriminator.images.classes = classes;
  config.discriminator.widths.back() = 1 + classes;
  return with_length(std::move(config), settings, steps);
}

void settle_image_layers(Settings& settings, const kernels::ImageShape& images) {
  constexpr std::int64_t kFirst = 64, kMost = 512, kFirstOfBlocks = 32, kMostOfBlocks = 256;
  constexpr std::int64_t kMostLeft = 14;
  const auto settle = [&](NetworkSpec& network) {
    if (network.widths.size() > 2) return;
    const bool blocks = network.residual == Residual::add;
    const std::size_t halvings = halvings_of(images, blocks);
    const std::int64_t least = std::max(images.height >> halvings, images.width >> halvings);
    if (least > kMostLeft || (halvings == 0 && !blocks))
      throw ConfigurationError(fmt::format(
          "images of {} x {} can{} be halved{}, as networks of images do: --image-size {} --image-fit "
          "stretch makes them fit",
          images.height, images.width, halvings == 0 ? "not" : "",
          halvings == 0 ? ""
                        : fmt::format(" {} only", halvings == 1 ? "once" : fmt::format("{} times", halvings)),
          nearest_size(images)));
    std::vector<std::int64_t> channels(halvings +
                                       (blocks ? 1 : 0));  // from the largest image to the smallest
    for (std::size_t i = 0; i < channels.size(); ++i)
      channels[i] = std::min((blocks ? kFirstOfBlocks : kFirst) << i, blocks ? kMostOfBlocks : kMost);
    if (&network == &settings.gan.generator) std::ranges::reverse(channels);
    network.widths.insert(network.widths.begin() + 1, channels.begin(), channels.end());
  };
  settle(settings.gan.generator);
  settle(settings.gan.discriminator);
}

GanConfig gan_config(const Settings& settings, const RecordLayout& records, std::uint64_t steps) {
  return gan_config(settings, records, records.scores(), steps);
}

}  // namespace agon::host
