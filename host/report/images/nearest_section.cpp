// Synthetic images beside the real images nearest to them: only where real images are asked for.
#include <fmt/format.h>

#include <cstdint>

#include "host/report/evaluation/sections.hpp"
#include "host/report/images/image_page.hpp"
#include "host/report/images/picture.hpp"
#include "host/report/markup.hpp"
#include "host/run/console.hpp"

namespace agon::host {
namespace {

/// "12% of held-out images are as near or nearer"
std::string nearness_text(const ClosePair& pair, bool held_out) {
  const char* const others = held_out ? "held-out" : "other real";
  if (pair.nearer == 0) return fmt::format("<strong>nearer than any {} image is</strong>", others);
  if (pair.nearer == 1) return fmt::format("no {} image is farther", others);
  return fmt::format("{} of {} images are as near or nearer", percent_text(pair.nearer), others);
}

std::string pixels_text(const ClosePair& pair, const ImageEvaluation& evaluation) {
  return fmt::format("{:.1f} grey levels apart: {}", pair.distance,
                     nearness_text(pair, evaluation.memorisation.yardstick_is_held_out));
}

void append_beside(std::string& html, const ImageEvaluation& evaluation, const ImagePage& page) {
  if (page.beside.empty()) return;
  append(html,
         "<h3>Synthetic images beside the real ones nearest to them</h3>\n<p class=\"note\">At the left a "
         "synthetic image, none chosen by hand; in the middle the training image that is nearest to it pixel "
         "by pixel; at the right the one that is nearest by what networks with random weights see, of {} "
         "training images. Below: how near, and how many real images that were not compared with are as near "
         "to a training image.</p>\n<div class=\"pairs\">\n",
         grouped(static_cast<std::uint64_t>(evaluation.compared.reference)));
  for (const BesidePicture& one : page.beside) {
    html += "<figure>";
    append_picture(html, one.png, "a synthetic image and the two training images nearest to it");
    append(html, "<figcaption>{}<br/>{:.2f} by features: {}</figcaption></figure>\n",
           pixels_text(one.nearest.pixels, evaluation), one.nearest.features.distance,
           nearness_text(one.nearest.features, evaluation.compared.floor_is_held_out));
  }
  html += "</div>\n";
}

void append_pairs(std::string& html, const ImageEvaluation& evaluation, const ImagePage& page) {
  if (page.pairs.empty()) return;
  const auto count = [](std::int64_t images) { return grouped(static_cast<std::uint64_t>(images)); };
  const ImageMemorisation& found = evaluation.memorisation;
  append(html,
         "<h3>The closest pairs</h3>\n<p class=\"note\">At the left a synthetic image, at the right the "
         "training image nearest to it. These are the nearest of {} synthetic images, and {} {} images are "
         "what they are held against: of many, a few are nearer than any of few by chance. The shares in the "
         "table say whether there are too many.</p>\n<div class=\"pairs\">\n",
         count(found.synthetic), count(found.yardstick),
         found.yardstick_is_held_out ? "held-out" : "other real");
  for (const PairPicture& one : page.pairs) {
    html += "<figure>";
    append_picture(html, one.png, "a synthetic image and the training image nearest to it");
    append(html, "<figcaption>{}</figcaption></figure>\n", pixels_text(one.pair, evaluation));
  }
  html += "</div>\n";
}

}  // namespace

void append_nearest_real(std::string& html, const ImageEvaluation& evaluation, const ImagePage& page) {
  if (page.beside.empty() && page.pairs.empty()) return;
  html +=
      "<h2>The nearest real images</h2>\n<p class=\"note\">These are real images: this page belongs to those "
      "who hold them.</p>\n";
  append_beside(html, evaluation, page);
  append_pairs(html, evaluation, page);
}

}  // namespace agon::host
