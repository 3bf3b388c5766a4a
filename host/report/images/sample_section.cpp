#include "host/report/images/sample_section.hpp"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <unordered_set>

#include "host/images/write_images.hpp"
#include "host/report/images/picture.hpp"
#include "host/report/markup.hpp"
#include "host/run/console.hpp"

namespace agon::host {
namespace {

/// Nothing of what cannot be read, or has other channels.
ImageGrid grid_of_png(const std::string& png, std::int64_t channels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, png.data(), png.size())) return {};
  const png_uint_32 expected = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  ImageGrid grid;
  if (image.format == expected) {
    grid.shape = {static_cast<std::int64_t>(image.height), static_cast<std::int64_t>(image.width), channels};
    grid.pixels.resize(PNG_IMAGE_SIZE(image));
    if (png_image_finish_read(&image, nullptr, grid.pixels.data(), 0, nullptr)) return grid;
  }
  png_image_free(&image);
  return {};
}

/// Where an image of a grid is, by its first byte, and what is there.
struct GridPlace {
  std::size_t first = 0;
  std::string image;
};

std::vector<GridPlace> tiles_of(const ImageGrid& grid, const ImageShape& shape) {
  std::vector<GridPlace> places;
  const std::int64_t line = grid.shape.width * shape.channels;
  for (std::int64_t top = 0; top + shape.height <= grid.shape.height; top += shape.height + kGridGap)
    for (std::int64_t left = 0; left + shape.width <= grid.shape.width; left += shape.width + kGridGap) {
      GridPlace& place = places.emplace_back();
      place.first = static_cast<std::size_t>(top * line + left * shape.channels);
      for (std::int64_t y = 0; y < shape.height; ++y)
        place.image.append(reinterpret_cast<const char*>(grid.pixels.data()) + place.first +
                               static_cast<std::size_t>(y * line),
                           static_cast<std::size_t>(shape.width * shape.channels));
    }
  return places;
}

void append_grid(std::string& html, const SampleGrid& grid) {
  html += "<figure>";
  append_picture(html, grid.png, fmt::format("images drawn at step {}", grid.step));
  append(html, "<figcaption>step {}{}</figcaption></figure>\n", grouped(grid.step),
         grid.blanked == 0 ? "" : fmt::format("; {} blank: real images, byte for byte", grid.blanked));
}

}  // namespace

std::vector<SampleGrid> sample_grids(const RunFolder& folder, std::uint64_t step, std::string_view suffix) {
  constexpr std::size_t kShown = 4;
  const std::vector<RunFolder::StepFile> files = folder.sample_grids(step, suffix);
  std::vector<SampleGrid> grids;
  const std::size_t shown = std::min(files.size(), kShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [at, path] = files[shown == 1 ? files.size() - 1 : i * (files.size() - 1) / (shown - 1)];
    std::ifstream file(path, std::ios::binary);
    std::string png{std::istreambuf_iterator<char>(file), {}};
    if (!png.empty()) grids.push_back({at, std::move(png), 0});
  }
  return grids;
}

std::int64_t blank_copies(std::string& png, const std::array<const ImageSet*, 2>& sets) {
  const ImageShape& shape = sets[0]->shape;
  ImageGrid grid = grid_of_png(png, shape.channels);
  const std::vector<GridPlace> places = tiles_of(grid, shape);
  std::unordered_set<std::string_view> asked, real;
  for (const GridPlace& place : places) asked.insert(place.image);
  for (const ImageSet* const set : sets)
    for (std::int64_t i = 0; i < set->count; ++i) {
      const std::string_view bytes(reinterpret_cast<const char*>(set->image(i).data()),
                                   static_cast<std::size_t>(shape.size()));
      if (const auto found = asked.find(bytes); found != asked.end()) real.insert(*found);
    }
  std::int64_t copies = 0;
  for (const GridPlace& place : places) {
    if (!real.contains(place.image)) continue;
    ++copies;
    for (std::int64_t y = 0; y < shape.height; ++y)
      std::ranges::fill(
          std::span(grid.pixels)
              .subspan(place.first + static_cast<std::size_t>(y * grid.shape.width * shape.channels),
                       static_cast<std::size_t>(shape.width * shape.channels)),
          kGridGrey);
  }
  if (copies > 0) png = png_bytes(grid.shape, grid.pixels);
  return copies;
}

void append_samples(std::string& html, const std::vector<SampleGrid>& grids, const Judgement* privacy) {
  if (grids.empty()) return;
  html +=
      "<h2>What the generator draws</h2>\n<p class=\"note\">Drawn images, none chosen by hand: the same "
      "noise at "
      "each step.</p>\n";
  if (privacy != nullptr && gives_away(*privacy))
    html +=
        "<p class=\"note\">These may show patients: their generator comes too near to what it learnt, as "
        "the verdict says, and these were not searched for that.</p>\n";
  html += "<div class=\"charts\">\n";
  append_grid(html, grids.back());
  html += "</div>\n";
  if (grids.size() == 1) return;
  html += "<div class=\"charts\">\n";
  for (std::size_t i = 0; i + 1 < grids.size(); ++i) append_grid(html, grids[i]);
  html += "</div>\n";
}

}  // namespace agon::host
