// The figures, the classes and the memorisation of an evaluation of images.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "host/report/evaluation/bar_chart.hpp"
#include "host/report/evaluation/sections.hpp"
#include "host/report/images/image_page.hpp"
#include "host/report/markup.hpp"
#include "host/run/console.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kMostClasses = 12;

std::string image_figure_text(double value, const Interval& interval) {
  const auto text = [](double number) { return figure_text(number, 4); };
  return fmt::format("{} ({} to {})", text(value), text(interval.low), text(interval.high));
}

void append_image_figure(std::string& html, std::string_view name, const ImageFigure& figure,
                         std::string_view meaning) {
  append(html,
         "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td><td "
         "class=\"note\">{}</td></tr>\n",
         name, image_figure_text(figure.value, figure.interval),
         image_figure_text(figure.floor, figure.floor_interval), meaning);
}

std::string image_rate_text(const Rate& rate) {
  return rate.of == 0 ? "-"
                      : fmt::format("{} of {} ({})", grouped(static_cast<std::uint64_t>(rate.hits)),
                                    grouped(static_cast<std::uint64_t>(rate.of)), percent_text(rate.share));
}

/// Shares by the class that the classifier takes images for: the commonest, then the others.
Marginal class_bars(const ClassifierFigures& classifier, std::int64_t compared) {
  std::vector<std::size_t> order(classifier.names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t c) { return classifier.trained[c]; });
  Marginal bars;
  Bar other{0, 0, "other"};
  for (const std::size_t c : order) {
    if (bars.bars.size() < kMostClasses && !classifier.is_rare(c)) {
      bars.bars.push_back({classifier.floor[c], classifier.synthetic[c], classifier.names[c]});
    } else {
      other.real += classifier.floor[c];
      other.synthetic += classifier.synthetic[c];
    }
  }
  if (bars.bars.size() < order.size()) bars.bars.push_back(std::move(other));
  for (Bar& bar : bars.bars)
    if (bar.real * static_cast<double>(compared) < 4.5) bar.real = 0;
  return bars;
}

void append_classifier_figures(std::string& html, const ClassifierFigures& classifier) {
  append_image_figure(
      html, "distance of class shares", classifier.share_distance,
      "by how much the shares of the classes differ, as a classifier of real images sees them; 0: "
      "not at all");
  append_image_figure(html, "classifier&#39;s score", classifier.score,
                      "how sure and how various its answers are (the inception score&#39;s formula); as "
                      "much as for other real images is best");
  if (classifier.agreement)
    append_image_figure(html, "of their class",
                        {classifier.agreement->share, classifier.agreement->interval,
                         classifier.accuracy.share, classifier.accuracy.interval},
                        "share of labelled images that the classifier takes for what they are labelled");
}

/// Heads of the columns, and of which images they are below.
void append_figures_begin(std::string& html) {
  html +=
      "<div class=\"wide\"><table>\n<tr><th>figure</th><th class=\"figure\">synthetic images (95%)</th><th "
      "class=\"figure\">floor: other real images (95%)</th><th>meaning</th></tr>\n";
}
void append_figures_end(std::string& html, const ComparedImages& compared) {
  append(html,
         "</table></div>\n<p class=\"note\">Each figure is of {} images beside {} training images, and its "
         "floor of as many {}.</p>\n",
         grouped(static_cast<std::uint64_t>(compared.compared)),
         grouped(static_cast<std::uint64_t>(compared.reference)),
         compared.floor_is_held_out ? "held-out images" : "of the training images that are not among these");
}

}  // namespace

void append_image_figures(std::string& html, const ImageEvaluation& evaluation) {
  html += "<h2>How alike the images are</h2>\n";
  append_figures_begin(html);
  const RandomFeatureFigures& features = evaluation.features;
  append_image_figure(html, "wavelet packet distance", evaluation.wavelet.distance,
                      "how far patterns of every size, from outlines to grain, lie from the training "
                      "images&#39;; less is better");
  append_image_figure(html, "kernel distance", features.kernel,
                      "the same as networks with random weights see it; 0: nowhere");
  append_image_figure(html, "sliced patch distance", evaluation.sliced.mean,
                      "how far small patches (sharpness, texture) lie from the training images&#39;; less is "
                      "better");
  append_image_figure(html, "precision", features.precision,
                      "share of the synthetic images that lie among real ones: whether each looks real");
  append_image_figure(html, "density", features.density,
                      "how many real images each has around it; as many as other real images have is best");
  append_image_figure(
      html, "coverage", features.coverage,
      "share of the training images with a synthetic one around: whether every kind is there");
  append_image_figure(
      html, "recall", features.recall,
      "share of the training images that lie among synthetic ones: whether these vary as much");
  if (evaluation.classifier) append_classifier_figures(html, *evaluation.classifier);
  append_figures_end(html, evaluation.compared);
}

void append_given_figures(std::string& html, const ImageEvaluation& evaluation) {
  if (!evaluation.given) return;
  const GivenFeatureFigures& given = *evaluation.given;
  html += "<h2>How alike they are by the features of a given network</h2>\n";
  append_figures_begin(html);
  append_image_figure(
      html, "Fréchet distance", given.frechet,
      "how far their means and covariances lie apart (FID&#39;s formula); less is better, and "
      "of few images it is too large: read it beside its floor");
  append_image_figure(html, "kernel distance", given.kernel,
                      "how far they lie apart, whatever their number; 0: nowhere");
  append_image_figure(html, "precision", given.precision,
                      "share of the synthetic images that lie among real ones");
  append_image_figure(html, "density", given.density, "how many real images each has around it");
  append_image_figure(html, "coverage", given.coverage,
                      "share of the training images with a synthetic one around");
  append_image_figure(html, "recall", given.recall,
                      "share of the training images that lie among synthetic ones");
  append_figures_end(html, given.compared);
  append(
      html,
      "<p class=\"note\">The features, {} an image, came from a file: what they are of, this page cannot "
      "tell, and no light goes by them. Of all {} training and {} synthetic images the Fréchet distance is "
      "{}.{}</p>\n",
      grouped(static_cast<std::uint64_t>(given.width)),
      grouped(static_cast<std::uint64_t>(given.compared.train)),
      grouped(static_cast<std::uint64_t>(given.compared.synthetic)), figure_text(given.frechet_of_all, 4),
      given.few() ? " No more images are compared than there are features: it is mostly too large by that."
                  : "");
}

void append_image_classes(std::string& html, const ImageEvaluation& evaluation) {
  if (!evaluation.classifier) return;
  const ClassifierFigures& classifier = *evaluation.classifier;
  append(
      html,
      "<h2>Which classes are there</h2>\n<section class=\"charts\">\n<figure>\n{}<figcaption><span "
      "class=\"key "
      "real\"></span> other real images, <span class=\"key synthetic\"></span> synthetic images, by what a "
      "classifier takes them for that has learnt {} training images; it is right about {} of other real "
      "images</figcaption>\n</figure>\n</section>\n",
      bar_chart_svg(class_bars(classifier, evaluation.compared.compared), "Shares of the classes",
                    [](double value) { return figure_text(value); }),
      grouped(static_cast<std::uint64_t>(classifier.learnt)), percent_text(classifier.accuracy.share));
}

void append_image_memorisation(std::string& html, const ImageEvaluation& evaluation) {
  const ImageMemorisation& found = evaluation.memorisation;
  const bool held_out = found.yardstick_is_held_out;
  append(html,
         "<h2>Copies of training images</h2>\n<div class=\"wide\"><table>\n<tr><th>images that</th><th "
         "class=\"figure\">synthetic</th><th class=\"figure\">{}</th></tr>\n",
         held_out ? "held-out" : "training, to others");
  const auto row = [&](std::string_view name, std::string_view synthetic, std::string_view real) {
    append(html, "<tr><th>{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td></tr>\n", name,
           synthetic, real);
  };
  row("are a training image, byte for byte", image_rate_text(found.exact),
      image_rate_text(found.exact_held_out));
  row("lie nearer to a training image than 99% of real ones", image_rate_text(found.near), "1%");
  row("lie nearer to one, for how near the next is, than 99% of real ones", image_rate_text(found.single),
      "1%");
  row("distance to the nearest, median, grey levels", figure_text(found.median, 2),
      figure_text(found.yardstick_median, 2));
  append(html,
         "</table></div>\n<p class=\"note\">Smooth images are near to all others, and no copies: what tells "
         "is being "
         "near to one training image alone. {} of {} synthetic images differ from each other.</p>\n",
         grouped(static_cast<std::uint64_t>(found.distinct)),
         grouped(static_cast<std::uint64_t>(found.exact.of)));
}

}  // namespace agon::host
