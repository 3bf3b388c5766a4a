#include "host/run/image_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/metrics/column_statistics.hpp"
#include "host/config/toml.hpp"
#include "host/config/whole_number.hpp"
#include "host/run/learnt_tables.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"
#include "kernels/formula/gather_batch.hpp"

namespace agon::host {
namespace {

constexpr std::pair<std::string_view, ImageFit> kFits[] = {{"refuse", ImageFit::refuse},
                                                           {"crop", ImageFit::crop},
                                                           {"stretch", ImageFit::stretch},
                                                           {"pad", ImageFit::pad}};

/// "64" or "48x64".
void take_size(std::string_view text, ImageReading& reading) {
  const std::size_t cross = text.find('x');
  const auto height = parse_whole_number(text.substr(0, cross));
  const auto width = cross == text.npos ? height : parse_whole_number(text.substr(cross + 1));
  if (!height || !width || *height < 1 || *width < 1)
    throw ConfigurationError(
        fmt::format("--image-size: expected a side or HEIGHTxWIDTH, such as 64 or 48x64, got {}",
                    in_quotes(std::string(text))));
  reading.height = *height, reading.width = *width;
}

}  // namespace

ImageReading image_reading(const Settings& settings) {
  const auto& asked = settings.data;
  ImageReading reading{.channels = asked.image_channels,
                       .labels = asked.labels,
                       .threads = static_cast<int>(settings.device.threads)};
  if (!asked.image_size.empty()) take_size(asked.image_size, reading);
  for (const auto& [name, fit] : kFits)
    if (name == asked.image_fit) reading.fit = fit;
  return reading;
}

LearntImages read_learnt_images(const FoundCheckpoint& found, const DataIdentity& data) {
  Settings settings;
  read_toml(found.path.parent_path() / "config.toml", settings);
  LearntImages images{.path = settings.data.table,
                      .learnt = read_images(settings.data.table, image_reading(settings)).set,
                      .held_out = {}};
  if (const double share = held_out_share(settings); share > 0) {
    const RowSplit rows = hold_out(images.learnt.count, share, first_seed_of(found, settings));
    images.held_out = part(images.learnt, rows.held_out);
    images.learnt = part(images.learnt, rows.training);
  }
  check_same_data(data, identify(images.learnt), images.path);
  return images;
}

ImageSet as_images(std::span<const float> drawn, const ImageShape& shape) {
  if (!all_finite(drawn)) throw DataError("the generator's output is not finite: nothing is drawn");
  ImageSet set{.shape = shape,
               .count = static_cast<std::int64_t>(drawn.size()) / shape.size(),
               .pixels = std::vector<std::uint8_t>(drawn.size()),
               .labels = {},
               .label_names = {}};
  std::ranges::transform(drawn, set.pixels.begin(), kernels::formula::to_byte);
  return set;
}

ImageSet draw_images(const Gan& gan, const LearntClasses& classes, Gan::Rows rows, std::uint64_t seed,
                     int replica, std::span<const std::int32_t> asked) {
  const std::vector<float> drawn =
      asked.empty() ? gan.sample(rows, seed, replica) : gan.sample(rows, seed, asked, replica);
  ImageSet images = as_images(drawn, gan.config().generator.images.shape);
  images.labels = {asked.begin(), asked.end()}, images.label_names = classes.names;
  if (classes.any() && asked.empty()) images.labels = gan.sampled_classes(rows, seed);
  return images;
}

ImageGrid square_grid(const ImageSet& images) {
  const auto columns = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(images.count))));
  return image_grid(images.shape, images.pixels, columns);
}

ImageGrid drawn_grid(const Gan& gan, const LearntClasses& classes, std::int64_t count, std::uint64_t seed,
                     int replica) {
  const std::int64_t rows = std::ssize(classes.names), columns = rows > 0 ? count / rows : 0;
  if (columns == 0) return square_grid(draw_images(gan, classes, {0, count}, seed, replica));
  std::vector<std::int32_t> asked;
  for (std::int64_t i = 0; i < rows * columns; ++i) asked.push_back(static_cast<std::int32_t>(i / columns));
  const ImageSet images = draw_images(gan, classes, {0, std::ssize(asked)}, seed, replica, asked);
  return image_grid(images.shape, images.pixels, columns);
}

}  // namespace agon::host
