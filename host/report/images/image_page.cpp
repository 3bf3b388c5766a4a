#include "host/report/images/image_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <numeric>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "host/evaluate/images/image_rows.hpp"
#include "host/images/write_images.hpp"
#include "host/report/evaluation/sections.hpp"
#include "host/report/images/picture.hpp"
#include "host/report/markup.hpp"
#include "host/run/console.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kMostPairs = 12;
constexpr std::int64_t kPixelsOfGrid = std::int64_t{1} << 20;

/// Of a grid: 8, down to 2 where images are large.
std::int64_t side_of_grid(const ImageShape& shape) {
  std::int64_t side = 8;
  while (side > 2 && side * side * shape.height * shape.width > kPixelsOfGrid) --side;
  return side;
}

std::string_view bytes_of_image(const ImageSet& images, std::int64_t i) {
  const auto image = images.image(i);
  return {reinterpret_cast<const char*>(image.data()), image.size()};
}

std::string grid_png(const ImageSet& images, std::int64_t columns) {
  const ImageGrid grid = image_grid(images.shape, images.pixels, columns);
  return png_bytes(grid.shape, grid.pixels);
}

PictureGrid picture_grid(const ImageSet& images, const std::vector<std::int64_t>& which, std::int64_t side) {
  if (which.empty()) return {};
  return {grid_png(some_images(images, which), side), static_cast<std::int64_t>(which.size())};
}

/// Evenly apart: of images that lie by class, some of each.
std::vector<std::int64_t> evenly_apart(std::int64_t count, std::int64_t most) {
  std::vector<std::int64_t> which;
  for (std::int64_t i = 0; i < std::min(count, most); ++i) which.push_back(i * count / std::min(count, most));
  return which;
}

/// Those of `which` that are no image of the sets.
std::vector<std::int64_t> without_copies(const ImageSet& images, const std::vector<std::int64_t>& which,
                                         const std::array<const ImageSet*, 2>& sets) {
  std::unordered_set<std::string_view> asked, found;
  for (const std::int64_t i : which) asked.insert(bytes_of_image(images, i));
  for (const ImageSet* const set : sets)
    for (std::int64_t i = 0; i < set->count; ++i)
      if (asked.contains(bytes_of_image(*set, i))) found.insert(bytes_of_image(*set, i));
  std::vector<std::int64_t> others;
  for (const std::int64_t i : which)
    if (!found.contains(bytes_of_image(images, i))) others.push_back(i);
  return others;
}

/// A synthetic image and then training images, in one row.
std::string row_png(const ShownImages& shown, std::int64_t synthetic,
                    std::initializer_list<std::int64_t> train) {
  ImageSet row = some_images(shown.synthetic, std::array{synthetic});
  for (const std::int64_t i : train) {
    const auto image = shown.train.image(i);
    row.pixels.insert(row.pixels.end(), image.begin(), image.end());
    ++row.count;
  }
  return grid_png(row, row.count);
}

void add_real_pictures(const ImageEvaluation& evaluation, const ShownImages& shown, ImagePage& page) {
  for (const BesideReal& one : evaluation.beside)
    page.beside.push_back(
        {row_png(shown, one.pixels.synthetic, {one.pixels.train, one.features.train}), one});
  for (const ClosePair& pair : evaluation.memorisation.closest) {
    if (page.pairs.size() == kMostPairs) break;
    page.pairs.push_back({row_png(shown, pair.synthetic, {pair.train}), pair});
  }
}

/// Paths, unless an image in them is one of the real sets.
std::string between_png(const ShownImages& shown) {
  std::vector<std::int64_t> which;
  for (std::int64_t first = 0; first < shown.between->count; first += kBetween) {
    std::vector<std::int64_t> path(static_cast<std::size_t>(kBetween));
    std::iota(path.begin(), path.end(), first);
    if (shown.real_images || without_copies(*shown.between, path, {&shown.train, &shown.held_out}) == path)
      which.insert(which.end(), path.begin(), path.end());
  }
  return which.empty() ? std::string() : grid_png(some_images(*shown.between, which), kBetween);
}

void append_grid_figure(std::string& html, const PictureGrid& grid, std::string_view what,
                        std::string_view caption) {
  html += "<figure>";
  append_picture(html, grid.png, fmt::format("{} {} in rows and columns", grid.images, what));
  append(html, "<figcaption>{}</figcaption></figure>\n", caption);
}

void append_grids(std::string& html, const ImagePage& page) {
  const bool any = page.synthetic.images + page.real.images > 0;
  html += "<h2>What they look like</h2>\n";
  if (any) html += "<div class=\"charts\">\n";
  if (page.synthetic.images > 0)
    append_grid_figure(html, page.synthetic, "synthetic images", "synthetic images, none chosen by hand");
  if (page.real.images > 0)
    append_grid_figure(html, page.real, "real images", "real images that were learnt");
  if (any) html += "</div>\n";
  if (page.copies_left_out > 0)
    append(html,
           "<p class=\"note\">{} synthetic images are not shown here: they are real images, byte for "
           "byte.</p>\n",
           page.copies_left_out);
  if (page.real.images == 0)
    html +=
        "<p class=\"note\">This page shows no real image, so that it can be given away with the synthetic "
        "ones. "
        "Who holds the real ones sees them beside these with agon evaluate --real-images.</p>\n";
}

void append_between(std::string& html, const ImagePage& page) {
  if (page.between.empty()) return;
  html += "<h2>From one to another</h2>\n<div class=\"charts\">\n<figure>";
  append_picture(html, page.between, "rows of drawn images that lead from one drawn image to another");
  html +=
      "<figcaption>each row: what the generator makes of noise that moves from one draw to another. Gradual "
      "change speaks for learning; jumps between a few images, for memory</figcaption></figure>\n</div>\n";
}

}  // namespace

ImagePage image_page(const ImageEvaluation& evaluation, const ShownImages& shown, AboutRows about) {
  ImagePage page;
  page.about = std::move(about);
  const std::int64_t side = side_of_grid(shown.train.shape);
  std::vector<std::int64_t> drawn = evenly_apart(shown.synthetic.count, side * side);
  if (!shown.real_images) {
    const auto asked = static_cast<std::int64_t>(drawn.size());
    drawn = without_copies(shown.synthetic, drawn, {&shown.train, &shown.held_out});
    page.copies_left_out = asked - static_cast<std::int64_t>(drawn.size());
  }
  page.synthetic = picture_grid(shown.synthetic, drawn, side);
  if (shown.real_images) {
    page.real = picture_grid(shown.train, evenly_apart(shown.train.count, side * side), side);
    add_real_pictures(evaluation, shown, page);
  }
  if (shown.between != nullptr) page.between = between_png(shown);
  return page;
}

std::string compared_images_text(const ComparedImages& compared) {
  const auto count = [](std::int64_t images) { return grouped(static_cast<std::uint64_t>(images)); };
  std::string text = fmt::format("{} synthetic images beside {} training images", count(compared.synthetic),
                                 count(compared.train));
  if (compared.held_out > 0)
    text += fmt::format(" and {} held-out ones, real images that the generator never saw",
                        count(compared.held_out));
  return text + ". Beside each figure stands its floor: what other real images get.";
}

void append_image_evaluation(std::string& html, const ImageEvaluation& evaluation, const ImagePage& page) {
  const ImageVerdict& verdict = evaluation.verdict;
  append_verdict(html, std::array{&verdict.likeness, &verdict.completeness, &verdict.privacy});
  append_grids(html, page);
  append_image_figures(html, evaluation);
  append_given_figures(html, evaluation);
  append_image_classes(html, evaluation);
  append_image_memorisation(html, evaluation);
  append_nearest_real(html, evaluation, page);
  append_between(html, page);
}

}  // namespace agon::host
