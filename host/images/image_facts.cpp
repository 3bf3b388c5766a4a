#include "host/images/image_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "host/images/image_error.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kMostTarget = 65536;

std::string size_in_words(const ImageSize& size) { return fmt::format("{} x {}", size.height, size.width); }

/// "12 of 64 x 60, 3 of 512 x 400 and 4 of 2 other sizes": sizes of `chosen`, the commonest first.
std::string sizes_in_words(std::vector<std::pair<ImageSize, std::int64_t>> chosen) {
  constexpr std::size_t kNamed = 3;
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < std::min(kNamed, chosen.size()); ++i)
    text += fmt::format("{}{} of {}", i == 0 ? "" : ", ", chosen[i].second, size_in_words(chosen[i].first));
  if (chosen.size() <= kNamed) return text;
  std::int64_t rest = 0;
  for (std::size_t i = kNamed; i < chosen.size(); ++i) rest += chosen[i].second;
  return text + fmt::format(" and {} of {} other sizes", rest, chosen.size() - kNamed);
}

struct SizeChange {
  std::vector<std::pair<ImageSize, std::int64_t>> sizes{};
  std::int64_t images = 0;

  void add(const std::pair<const ImageSize, std::int64_t>& size) {
    sizes.emplace_back(size);
    images += size.second;
  }
  void append_to(std::vector<std::string>& findings, const char* what, const ImageSize& target) const {
    if (images == 0) return;
    findings.push_back(fmt::format("{} {} {}: {}", images_in_words(images), what, size_in_words(target),
                                   sizes_in_words(sizes)));
  }
};

void append_size_findings(std::vector<std::string>& findings, const ImageFacts& facts,
                          const Drawing& drawing) {
  SizeChange cropped, padded, shrunk, enlarged, stretched;
  for (const auto& size : facts.sizes) {
    const Placement placed = place_image(size.first, drawing.target, drawing.fit);
    const ImageSize &from = placed.from.size, &to = placed.to.size;
    if (from != size.first) cropped.add(size);
    if (to != drawing.target) padded.add(size);
    if (from.height * to.width != from.width * to.height && drawing.fit == ImageFit::stretch)
      stretched.add(size);
    if (from.height > to.height || from.width > to.width)
      shrunk.add(size);
    else if (from != to)
      enlarged.add(size);
  }
  cropped.append_to(findings, "cropped to the centre, in the proportions of", drawing.target);
  padded.append_to(findings, "padded with black to", drawing.target);
  stretched.append_to(findings, "of other proportions stretched to", drawing.target);
  shrunk.append_to(findings, "scaled down (triangle filter, antialiased) to lie in", drawing.target);
  enlarged.append_to(findings, "enlarged (linear interpolation) to lie in", drawing.target);
}

}  // namespace

void ImageFacts::add(const ImageHeader& header, std::int64_t how_many) {
  const PixelLayout& layout = header.layout;
  sizes[header.displayed()] += how_many;
  images += how_many;
  if (layout.colour == Colour::grey) grey += how_many;
  if (layout.colour == Colour::cmyk) inks += how_many;
  if (layout.alpha) alpha += how_many;
  if (header.palette) palette += how_many;
  if (header.orientation != 1) turned += how_many;
  if (layout.sample == Sample::word) words += how_many;
  if (layout.sample == Sample::real) reals += how_many;
}

void check_reading(const ImageReading& options) {
  const std::int64_t height = options.height, width = options.width;
  if (std::min(height, width) < 0 || std::max(height, width) > kMostTarget || (height == 0) != (width == 0))
    throw ConfigurationError(fmt::format("--image-size: {} x {}; height and width are 1 to {}, or both 0",
                                         height, width, kMostTarget));
  if (height * width > kMostPixels)
    throw ConfigurationError(
        fmt::format("--image-size: {} x {}; at most {} pixels", height, width, kMostPixels));
  if (options.channels != 0 && options.channels != 1 && options.channels != 3)
    throw ConfigurationError(
        fmt::format("--image-channels: {}; 1 is grey, 3 RGB, 0 what most images are", options.channels));
  if (options.memory < 1)
    throw ConfigurationError(fmt::format("a limit of {} bytes for images; at least 1", options.memory));
}

Drawing plan_drawing(const std::filesystem::path& path, const ImageFacts& facts,
                     const ImageReading& options) {
  if (facts.images < 2) refuse_images(path, "one image only; at least two are needed to learn from");
  Drawing drawing;
  drawing.fit = options.fit;
  drawing.target = {options.height, options.width};
  if (options.height == 0) {
    if (facts.sizes.size() > 1)
      refuse_images(
          path, fmt::format("images of {} sizes ({}), and none is asked for; say --image-size",
                            facts.sizes.size(), sizes_in_words({facts.sizes.begin(), facts.sizes.end()})));
    drawing.target = facts.sizes.begin()->first;
  }
  drawing.channels = options.channels != 0 ? options.channels : 2 * facts.grey > facts.images ? 1 : 3;
  // At most 2^28 pixels times 3, and fewer than 2^32 images by the files' own size.
  const auto bytes = static_cast<double>(drawing.target.height * drawing.target.width * drawing.channels) *
                     static_cast<double>(facts.images);
  if (bytes > static_cast<double>(options.memory)) {
    constexpr double kMebi = 1 << 20;
    refuse_images(
        path,
        fmt::format("{} images of {} with {} channel{} would take {:.1f} MiB of memory, the limit is "
                    "{:.1f} MiB; ask for smaller ones (--image-size) or fewer channels, or raise the limit",
                    facts.images, size_in_words(drawing.target), drawing.channels,
                    drawing.channels == 1 ? "" : "s", bytes / kMebi,
                    static_cast<double>(options.memory) / kMebi));
  }
  return drawing;
}

void append_findings(std::vector<std::string>& findings, const ImageFacts& facts, const Drawing& drawing) {
  const auto say = [&](std::int64_t count, std::string_view what) {
    if (count > 0) findings.push_back(fmt::format("{} {}", images_in_words(count), what));
  };
  append_size_findings(findings, facts, drawing);
  if (drawing.channels == 3)
    say(facts.grey, "grey, made RGB");
  else
    say(facts.images - facts.grey, "in colour, made grey (0.299 R + 0.587 G + 0.114 B)");
  say(facts.inks, "of four inks (CMYK JPEG), converted without a colour profile");
  say(facts.palette, "with a palette, read as its colours");
  say(facts.alpha, "with transparency (alpha), laid on black");
  say(facts.turned, "turned or mirrored as EXIF says");
  say(facts.reals, "of float32, times 255 and rounded to bytes");
  if (facts.words == 0) return;
  const std::int64_t others = facts.images - facts.words;
  findings.push_back(fmt::format(
      "{} of 16 bits, made bytes: from {}, the lowest value of the set, black, to {}, the highest, white{}",
      images_in_words(facts.words), drawing.range.low, drawing.range.high,
      others == 0 ? "" : fmt::format("; the {} of 8 bits are as they were", others)));
}

std::string images_in_words(std::int64_t count) {
  return fmt::format("{} image{}", count, count == 1 ? "" : "s");
}

ImageSet empty_set(const Drawing& drawing, std::int64_t count) {
  ImageSet set;
  set.shape = {drawing.target.height, drawing.target.width, drawing.channels};
  set.count = count;
  set.pixels.resize(static_cast<std::size_t>(count * set.shape.size()));
  return set;
}

}  // namespace agon::host
